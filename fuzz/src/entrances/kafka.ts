import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc, { type Arbitrary } from 'fast-check';
import type { Message } from 'kafkajs';
import type { Entrance } from '../entrance.js';
import { bytes, draw, jsonLike, text } from '../inputs.js';
import type { Meter } from '../measure.js';
import { deviceIds } from '../neighbours.js';
import { type Program, startProgram } from '../program.js';
import type { Scene } from '../scene.js';
import { command, deviceId, dictionary, requestId, time } from '../wire-inputs.js';

/** Smaller than what a broker takes at once, in bytes. */
const maxBatchBytes = 400_000;
/** The store is asked again after this time. */
const lookAgainMs = 2_000;
/** Records with a longer key name their partition: kafkajs hashes a key with `BigInt`, 0.1 s for 100 kB. */
const longKey = 1_000;

const settings = jsonLike({
  device_id: deviceId,
  settings: dictionary,
  timestamp: time,
  request_id: requestId,
  protocol: fc.constantFrom('mqtt', 'http', 'coap'),
  base_version: fc.integer({ min: -2, max: 100 }),
  command_type: fc.constant('settings'),
});
const event = jsonLike({
  request_id: requestId,
  device_id: deviceId,
  state: fc.constantFrom(
    'published',
    'dispatched',
    'delivered',
    'succeeded',
    'failed',
    'waiting',
    'dead',
    'gone',
  ),
  timestamp: time,
  command_type: text,
  protocol: text,
  evidence: fc.constantFrom('broker', 'gateway', 'device', 'executed', 'rumour'),
  attempt: fc.integer(),
  reason: text,
  result: fc.jsonValue({ maxDepth: 3 }),
  may_be_repeat: fc.boolean(),
});

type Headers = Readonly<Record<string, Buffer | string>>;

function headersOf(fields: Readonly<Record<string, Arbitrary<string>>>): Arbitrary<Headers> {
  const values = Object.entries(fields).map(([name, arbitrary]) => [
    name,
    fc.oneof({ weight: 6, arbitrary }, { weight: 1, arbitrary: bytes }),
  ]);
  return fc.record(Object.fromEntries(values), { requiredKeys: [] }) as Arbitrary<Headers>;
}

const number = fc.oneof(fc.nat(1_000).map(String), fc.constantFrom('-1', '1e3', '9007199254740993', ''));
const anyHeaders = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Headers>({}) },
  { weight: 1, arbitrary: fc.dictionary(text, bytes, { maxKeys: 5 }) as Arbitrary<Headers> },
  { weight: 1, arbitrary: headersOf({ traceparent: text, tracestate: text }) },
);
const source = {
  'source-topic': text,
  'source-partition': number,
  'source-offset': number,
  'source-timestamp': number,
};
const noHeaders = fc.constant<Headers>({});

const key = fc.oneof(
  { weight: 20, arbitrary: deviceId },
  { weight: 3, arbitrary: bytes },
  { weight: 1, arbitrary: fc.constantFrom(null, Buffer.alloc(0), 'k'.repeat(100_000)) },
);

function messages(value: Arbitrary<Buffer>, headers: Arbitrary<Headers>): Arbitrary<Message> {
  const orNone = fc.oneof({ weight: 30, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });
  return fc
    .record({ key, value: orNone, headers: headers as Arbitrary<Record<string, Buffer | string>> })
    .map((message) => ((message.key?.length ?? 0) > longKey ? { ...message, partition: 0 } : message));
}

/** The topics, for everyone who may write them. */
export function kafkaEntrances(scene: Scene): readonly Entrance[] {
  const { topics, connectors, readers, groupOf } = scene;
  const group = fc.constantFrom(groupOf('mqtt'), groupOf('http'), 'others');
  const place = [group, fc.uuid(), text, fc.nat(5), fc.nat(1_000)] as const;
  const sinceMs = fc.nat();
  const ledger = headersOf({
    // No claims of the connectors' own groups: who can write the waiting topic can take their partitions, by design.
    'record-type': fc.constantFrom('deferred', 'done', 'progress', 'cancel', 'nothing'),
    'ledger-group': group,
    'ledger-claim': fc.oneof(fc.uuid(), text),
    'ledger-lease': text,
    ledger: fc.oneof(
      fc
        .tuple(...place, sinceMs, fc.nat(9), fc.nat(9), sinceMs, fc.boolean())
        .map((list) => JSON.stringify(list)),
      fc.tuple(...place).map((list) => JSON.stringify(list)),
      fc.json(),
      text,
    ),
    'original-headers': text,
  });
  const letter = headersOf({
    ...source,
    'record-type': fc.constantFrom('dead-letter', 'nothing'),
    'dead-reason': fc.constantFrom('poison', 'rejected', 'exhausted', 'replayed', 'boredom'),
    'dead-message': text,
    'dead-attempts': number,
    'dead-group': text,
    'dead-at': number,
    'dead-omitted-bytes': number,
    'original-headers': text,
  });
  const all = Object.values(connectors);
  // A compacted topic takes no record without a key.
  const withKey = messages(settings, noHeaders).map((message) => ({ ...message, key: message.key ?? '' }));
  const kafka = (
    name: Entrance['name'],
    topic: string,
    share: number,
    input: Arbitrary<Message>,
    programs: Entrance['programs'],
  ): Entrance => ({
    name,
    share,
    programs,
    async feed(inputs, seed) {
      for (const portion of draw(input, inputs, seed)) await send(scene, topic, portion);
    },
  });
  return [
    {
      ...kafka('kafka-command', topics.commands, 2, messages(command, anyHeaders), [...all, readers.consume]),
      ends: ({ requestIds }) => untilPrinted(readers.consume, requestIds),
    },
    kafka('kafka-waiting', topics.waiting, 2, messages(fc.oneof(command, bytes), ledger), all),
    kafka('kafka-settings', topics.settings, 3, withKey, [...all, readers.settings]),
    kafka('kafka-reported', topics.reported, 3, withKey, [...all, readers.settings]),
    {
      ...kafka('kafka-event', topics.events, 5, messages(event, anyHeaders), [
        readers.watch,
        readers.store,
        scene.gateway,
      ]),
      async ends({ requestIds }) {
        await untilPrinted(readers.watch, requestIds);
        return await findInStore(scene, requestIds);
      },
    },
    {
      ...kafka('kafka-dead-letter', topics.deadLetters, 4, messages(fc.oneof(command, bytes), letter), []),
      ends: ({ meter }) => listDeadLetters(scene, meter),
    },
  ];
}

/** The command line reads all dead letters, and ends. */
async function listDeadLetters(scene: Scene, meter: Meter): Promise<string[]> {
  const list = startPusher(scene, 'dead list', ['--dead-letter-topic', scene.topics.deadLetters]);
  meter.add(list);
  const code = await list.ended;
  return code === 0 ? [...list.mistakes] : [`${list.name} ended with ${code}`];
}

async function untilPrinted(reader: Program, requestIds: readonly string[]): Promise<string[]> {
  await Promise.all(requestIds.map((requestId) => reader.printed(requestId)));
  return [];
}

/** Asks the store for the commands of neighbours, whose events came behind the inputs, until it has them. */
async function findInStore(scene: Scene, requestIds: readonly string[]): Promise<string[]> {
  const { readers, storeUrl } = scene;
  // One of each device, and so of each partition.
  for (const requestId of requestIds.slice(-deviceIds.length)) {
    const hasFound = async () =>
      (await startPusher(scene, 'status', [requestId, '--store', storeUrl]).ended) === 0;
    while (!(await hasFound())) {
      if (readers.store.hasEnded()) return [];
      // Each look starts a program, which takes the core from the store.
      await pause(lookAgainMs);
    }
  }
  return [];
}

function startPusher({ brokers, folder }: Scene, name: string, args: readonly string[]): Program {
  return startProgram({
    name: `pusher ${name}`,
    file: new URL('../../apps/cli/dist/main.js', import.meta.url),
    logFile: join(folder, `pusher-${name.replace(' ', '-')}.log`),
    isReader: true,
    args: [...name.split(' '), ...args, '--brokers', brokers.join(',')],
  });
}

async function send({ producer }: Scene, topic: string, all: readonly Message[]): Promise<void> {
  let batch: Message[] = [];
  let size = 0;
  for (const message of all) {
    const bytes = (message.value?.length ?? 0) + (message.key?.length ?? 0);
    if (size + bytes > maxBatchBytes && batch.length > 0) {
      await producer.send({ topic, messages: batch });
      batch = [];
      size = 0;
    }
    batch.push(message);
    size += bytes;
  }
  if (batch.length > 0) await producer.send({ topic, messages: batch });
}
