import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { PublishRecord, RecordSigner, RecordVerifier } from '@preservarium/backend';
import { type CommandMessage, decodeCommand, encodeCommand } from '@preservarium/core';
import {
  createRecordSigner,
  createRecordVerifier,
  readSigningKey,
  readVerificationKeys,
} from '@preservarium/signing';
import { type BenchmarkOptions, type BenchmarkResult, emptyResult, type Figure } from '../benchmark.js';
import { readyCommands } from '../push/ways/ready-commands.js';
import { spreadOf } from '../spread.js';

/** Returns the number of commands that it has taken. */
type Work = () => number;

const bytes = 300;
const rounds = 5;
const topic = 'device_commands';

/** CPU time of signing and verifying a command, and its ratio to encoding and decoding it. Needs no Kafka. */
export function measureSigning({ quick, say }: Pick<BenchmarkOptions, 'quick' | 'say'>): BenchmarkResult {
  const works = worksOf(quick ? 50 : 1_000);
  const costs = new Map(works.map(([name]) => [name, [] as number[]]));
  for (const [, work] of works) work();
  for (let round = 1; round <= rounds; round++) {
    say(`signing: round ${round} of ${rounds}`);
    for (const [name, work] of works) costs.get(name)?.push(cpuOf(work));
  }
  const costOf = (name: string) => costs.get(name) ?? [];
  const figures = works.map(
    ([name]): Figure => ({ name, unit: 'µs of CPU per command', spread: spreadOf(costOf(name)) }),
  );
  const ratios = works.slice(2).map(([name]): Figure => {
    const base = costOf(name.includes('sign') ? 'encode' : 'decode');
    const values = costOf(name).map((cost, round) => cost / (base[round] ?? Number.NaN));
    return {
      name: `${name} / ${name.includes('sign') ? 'encode' : 'decode'}`,
      unit: 'ratio',
      spread: spreadOf(values),
    };
  });
  return {
    ...emptyResult,
    notes: [`commands of ${bytes} bytes, one after another in one thread`],
    figures: [...figures, ...ratios],
  };
}

function worksOf(count: number): readonly (readonly [string, Work])[] {
  const commands = readyCommands(bytes).slice(0, count);
  const records = commands.map((command) => ({
    topic,
    key: command.deviceId,
    value: encodeCommand(command),
  }));
  const pair = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const hmac = { kty: 'oct', kid: 'h', iss: 'app', alg: 'HS256', k: randomBytes(32).toString('base64url') };
  const ed25519 = { kty: 'OKP', crv: 'Ed25519', kid: 'e', iss: 'app', alg: 'Ed25519', x: pair.x };
  const verifier = createRecordVerifier({ keys: readVerificationKeys({ keys: [hmac, ed25519] }) });
  const signers = {
    HMAC: createRecordSigner({ key: readSigningKey(hmac) }),
    Ed25519: createRecordSigner({ key: readSigningKey({ ...ed25519, d: pair.d }) }),
  };
  return [
    ['encode', () => each(commands, (command) => encodeCommand(command))],
    ['decode', () => each(records, ({ value }) => decodeCommand(value))],
    ...Object.entries(signers).flatMap(([name, sign]): (readonly [string, Work])[] => {
      const signed = records.map((record, index) =>
        signedOf(sign, record, commands[index] as CommandMessage),
      );
      return [
        [
          `sign ${name}`,
          () => each(commands, (command, index) => signedOf(sign, records[index] as PublishRecord, command)),
        ],
        [
          `verify ${name}`,
          () => each(signed, (record, index) => verify(verifier, record, commands[index] as CommandMessage)),
        ],
      ];
    }),
  ];
}

function signedOf(sign: RecordSigner, record: PublishRecord, { requestId }: CommandMessage) {
  const { key, headers = [], ...signed } = sign(record, { kind: 'command', id: requestId });
  return { ...signed, headers, key: Buffer.from(key) };
}

function verify(
  verifier: RecordVerifier,
  record: ReturnType<typeof signedOf>,
  command: CommandMessage,
): void {
  const found = verifier.verify(record, { kind: 'command', ...command });
  if (!found.ok) throw new TypeError(`a command of this benchmark was refused: ${found.refusal.message}`);
}

function each<Item>(items: readonly Item[], work: (item: Item, index: number) => unknown): number {
  for (const [index, item] of items.entries()) work(item, index);
  return items.length;
}

/** Returns microseconds for each command, over 200 ms at least. */
function cpuOf(work: Work): number {
  const before = process.cpuUsage();
  let taken = 0;
  let micros = 0;
  while (micros < 200_000) {
    taken += work();
    const { user, system } = process.cpuUsage(before);
    micros = user + system;
  }
  return micros / taken;
}
