import { randomBytes } from 'node:crypto';
import type { PublishRecord, RecordHeaders } from '@preservarium/backend';
import { runConnector } from '@preservarium/connector';
import { decodeCommand, encodeCommand, parseCommand } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import {
  createRecordSigner,
  createRecordVerifier,
  readSigningKey,
  readVerificationKeys,
} from '@preservarium/signing';
import { expect, onTestFinished, test } from 'vitest';
import { type Altered, mutations } from '../../packages/signing/test/mutations.js';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
/** Altered records for each backend. CONTRIBUTING.md has the command of the long run. */
const count = Number(process.env.SIGNATURE_RECORDS ?? 4_000);
const waitMs = 60_000 + count * 10;
const batchSize = 500;
const timeoutMs = 30_000;

const jwk = { kty: 'oct', kid: 'app-1', iss: 'app', alg: 'HS256', k: randomBytes(32).toString('base64url') };
const sign = createRecordSigner({ key: readSigningKey(jwk) });
const forger = createRecordSigner({
  key: readSigningKey({ ...jwk, k: randomBytes(32).toString('base64url') }),
});
const verifier = createRecordVerifier({ keys: readVerificationKeys({ keys: [jwk] }) });

const command = parseCommand({
  deviceId: 'door-1',
  commandType: 'unlock',
  protocol: 'mqtt',
  payload: { seconds: 5 },
});
const terms = { kind: 'command', id: command.requestId } as const;

function createDevice(): Deliverer & { readonly received: unknown[] } {
  const received: unknown[] = [];
  return {
    protocol: 'mqtt',
    received,
    async start() {},
    async deliver({ payload }, { maySend }) {
      maySend?.();
      received.push(payload.seconds);
      return { kind: 'delivered', evidence: 'device' };
    },
    isReady: () => true,
    async close() {},
  };
}

/** Both clients send headers whose values are UTF-8 text without NUL. */
function isSendable({ headers }: { readonly headers: RecordHeaders }): boolean {
  return headers.every(([, value]) => {
    const text = value?.toString() ?? '';
    return !text.includes('\0') && (value === null || Buffer.from(text).equals(value));
  });
}

/** Connectors of MQTT pass over commands of other protocols. */
function isOfAnotherProtocol({ value }: PublishRecord): boolean {
  const decoded = decodeCommand(value);
  return decoded.ok && (decoded.command.protocol !== 'mqtt' || decoded.command.commandType === 'feedback');
}

/** Every kind of alteration but that of the topic, as often as each other. */
function alteredRecords(topic: string): PublishRecord[] {
  const signed = sign({ topic, key: command.deviceId, value: encodeCommand(command) }, terms);
  const record: Altered = {
    topic,
    key: Buffer.from('door-1'),
    value: signed.value,
    headers: signed.headers ?? [],
  };
  const kinds = Object.entries(mutations).filter(([name]) => name !== 'another topic');
  const records: PublishRecord[] = [];
  for (let index = 0; records.length < count; index++) {
    const [, mutate] = kinds[index % kinds.length] as (typeof kinds)[number];
    const { key, value, headers } = mutate(record, { place: index * 31, change: index * 17, forger, terms });
    if (!isSendable({ headers })) continue;
    records.push({ topic, key: key ?? '', value: value ?? Buffer.alloc(0), headers });
  }
  return records;
}

test.each(Object.entries(backends))(
  'of altered and copied records none reaches its device, and the signed ones do: %s',
  async (name, createBackend) => {
    const commands = await createTestTopic(kafka, { partitions: 1 });
    const topics = {
      commands,
      waiting: `${commands}-w`,
      deadLetters: `${commands}-d`,
      events: false,
    } as const;
    const backend = createBackend(kafka);
    onTestFinished(() => backend.close({ timeoutMs: 5_000 }));
    const start = async (device: Deliverer) => {
      const connector = await runConnector({
        backend: createBackend(kafka),
        deliverer: device,
        groupId: commands,
        from: 'beginning',
        topics,
        signatures: { verifier },
      });
      onTestFinished(() => connector.close());
      return connector;
    };
    const device = createDevice();
    const connector = await start(device);
    const service = createPusherService({ backend: createBackend(kafka), commandTopic: commands, sign });
    onTestFinished(() => service.close());

    const push = (seconds: number) =>
      service.pushCommand({
        deviceId: 'door-1',
        commandType: 'unlock',
        protocol: 'mqtt',
        payload: { seconds },
      });
    await push(1);
    await expect.poll(() => device.received).toEqual([1]);
    const records = alteredRecords(commands);
    for (let first = 0; first < records.length; first += batchSize) {
      const outcomes = await backend.publish(records.slice(first, first + batchSize), { timeoutMs });
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    }
    const [original] = await readTopic(kafka, commands);
    const { key, value, headers } = original as { key: Buffer; value: Buffer; headers: RecordHeaders };
    await backend.publish([{ topic: commands, key, value, headers }], { timeoutMs });
    await push(2);

    await expect.poll(() => device.received, { timeout: waitMs }).toEqual([1, 2]);
    const { verified, ...refused } = connector.status().signatures;
    console.log(
      `${name}: ${records.length} altered records and a copy: ${JSON.stringify(refused)}, the others unreadable`,
    );
    expect(verified).toBe(2);
    for (const reason of ['unsigned', 'wrong-key', 'replayed'] as const) {
      expect(refused[reason], reason).toBeGreaterThan(count / 20);
    }
    await expect.poll(async () => (await connector.lag()).map((lag) => lag.records)).toEqual([0]);
    const ofOthers = records.filter(isOfAnotherProtocol).length;
    expect(await readTopic(kafka, topics.deadLetters)).toHaveLength(count + 1 - ofOthers);

    await connector.close();
    await backend.publish([{ topic: commands, key, value, headers }], { timeoutMs });
    const nextDevice = createDevice();
    const next = await start(nextDevice);
    await push(3);
    await expect.poll(() => nextDevice.received).toEqual([3]);
    expect(next.status().signatures).toMatchObject({ verified: 1, replayed: 1 });
  },
  120_000 + 2 * waitMs,
);
