import { AssertionError } from 'node:assert';
import {
  type Backend,
  type PublishOutcome,
  type PublishRecord,
  partitionForKey,
} from '@preservarium/backend';
import { BackendUnavailableError, PublishTimedOutError } from '@preservarium/core';
import { describe, expect, test } from 'vitest';
import { memoryHarness } from '../memory-harness.js';
import { partialOutageConformance } from '../partial-outage-conformance.js';

const partitions = 6;
const brokers = 3;
const leaderOf = (partition: number) => partition % brokers;
const downMs = 300;
/** Records of the test of a quota that go beyond it. */
const loudBytes = 50_000;

/** Three brokers that only know whether they are up, and whether they throttle or have fenced a client. */
function createFakeBrokers() {
  const down = new Set<number>();
  const frozen = new Set<number>();
  const state = { isThrottling: false, hasFenced: false };
  const all = Array.from({ length: brokers }, (_, index) => index);
  const chosen = (broker?: number) => (broker === undefined ? all : [broker]);
  const add = (to: Set<number>, broker?: number) => {
    for (const index of chosen(broker)) to.add(index);
  };
  const remove = (from: Set<number>, broker?: number) => {
    for (const index of chosen(broker)) from.delete(index);
  };
  return {
    down,
    frozen,
    state,
    isUp: ({ key }: PublishRecord) => !down.has(leaderOf(partitionForKey(key, partitions))),
    /** A frozen broker leads nothing: the next one does. */
    leaders: () =>
      Array.from({ length: partitions }, (_, partition) => {
        const leader = leaderOf(partition);
        return frozen.has(leader) ? (leader + 1) % brokers : leader;
      }),
    freeze: (broker?: number) => add(frozen, broker),
    thaw: (broker?: number) => remove(frozen, broker),
    /** Takes a while, as real ones do: pushes are made meanwhile. */
    async kill(broker?: number) {
      add(down, broker);
      await new Promise((resolve) => setTimeout(resolve, downMs));
    },
    start: async (broker?: number) => remove(down, broker),
  };
}

type FakeBrokers = ReturnType<typeof createFakeBrokers>;

/** Publishes a record when `canWrite` says so, or fails it at its deadline. */
function waits(backend: Backend, canWrite: (record: PublishRecord) => boolean): Backend {
  return {
    ...backend,
    async publish(records, options) {
      const outcomes = records.map(async (record): Promise<PublishOutcome> => {
        const giveUpAtMs = performance.now() + options.timeoutMs;
        while (!canWrite(record)) {
          if (performance.now() > giveUpAtMs) {
            const error = new PublishTimedOutError(options.timeoutMs, { mayBeWritten: false });
            return { ok: false, error };
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const [outcome] = await backend.publish([record], options);
        return outcome as PublishOutcome;
      });
      return Promise.all(outcomes);
    },
  };
}

/** Acknowledges what it keeps in its memory while a broker is down, and forgets it. */
function acknowledgesUnwritten(backend: Backend, { down }: FakeBrokers): Backend {
  return {
    ...backend,
    async publish(records, options) {
      if (down.size === 0) return backend.publish(records, options);
      return records.map(({ topic }) => ({ ok: true, receipt: { topic } }));
    },
  };
}

/** Fails everything for a while after the brokers refused a topic, as one connection for all requests does when it is closed for that. */
function failsAfterRefusals(backend: Backend): Backend {
  let failsUntilMs = 0;
  return {
    ...backend,
    async publish(records, options) {
      if (performance.now() < failsUntilMs) {
        const error = new BackendUnavailableError('the connection was closed');
        return records.map(() => ({ ok: false, error }));
      }
      const outcomes = await backend.publish(records, options);
      if (outcomes.some(({ ok }) => !ok)) failsUntilMs = performance.now() + 50;
      return outcomes;
    },
  };
}

/** Runs one of the tests with such backends; resolves to what it throws. */
async function run(
  name: RegExp,
  wrap: (backend: Backend, fake: FakeBrokers) => Backend = (backend) => backend,
): Promise<unknown> {
  const fake = createFakeBrokers();
  const harness = memoryHarness();
  const tests = new Map<string, () => Promise<void>>();
  partialOutageConformance({
    cluster: fake,
    async fenceProducers() {
      fake.state.hasFenced = true;
    },
    async limitProducers(bytesPerSecond) {
      fake.state.isThrottling = bytesPerSecond !== undefined;
    },
    leadersOf: async () => fake.leaders(),
    harness: { ...harness, create: (settings) => wrap(harness.create(settings), fake) },
    test: (name, body) => tests.set(name, body),
  });
  const [body] = [...tests].filter(([title]) => name.test(title)).map(([, body]) => body);
  if (body === undefined) throw new RangeError(`no test is called ${name}`);
  return body().then(
    () => undefined,
    (error: unknown) => error,
  );
}

const isLoud = ({ value }: PublishRecord) => value.length > loudBytes;

describe.concurrent.each<
  [
    fault: string,
    name: RegExp,
    good: [what: string, wrap: (backend: Backend, fake: FakeBrokers) => Backend],
    broken: [what: string, wrap: (backend: Backend, fake: FakeBrokers) => Backend],
  ]
>([
  [
    'a partition without leader',
    /^a partition without leader/,
    ['lets only its records wait', (backend, { isUp }) => waits(backend, isUp)],
    ['lets all records wait', (backend, { down }) => waits(backend, () => down.size === 0)],
  ],
  [
    'a frozen broker',
    /frozen/,
    ['follows the new leaders', (backend) => backend],
    ['waits for the old ones', (backend, { frozen }) => waits(backend, () => frozen.size === 0)],
  ],
  [
    'brokers that restart one by one',
    /one by one/,
    ['waits for them', (backend, { isUp }) => waits(backend, isUp)],
    ['acknowledges what is not written', acknowledgesUnwritten],
  ],
  [
    'a fenced producer',
    /fenced/,
    ['replaces it', (backend) => backend],
    ['keeps it', (backend, { state }) => waits(backend, () => !state.hasFenced)],
  ],
  [
    'a topic that the brokers refuse',
    /invalid/,
    ['fails its records alone', (backend) => backend],
    ['fails those beside it', failsAfterRefusals],
  ],
  [
    'a broker that throttles',
    /throttles/,
    [
      'lets only its records wait',
      (backend, { state }) => waits(backend, (record) => !(state.isThrottling && isLoud(record))),
    ],
    ['lets all records wait', (backend, { state }) => waits(backend, () => !state.isThrottling)],
  ],
])('%s', (_, name, [good, passing], [broken, failing]) => {
  test.concurrent(`the suite passes a backend that ${good}`, async () => {
    expect(await run(name, passing)).toBeUndefined();
  });

  test.concurrent(`the suite catches a backend that ${broken}`, async () => {
    expect(await run(name, failing)).toBeInstanceOf(AssertionError);
  });
});
