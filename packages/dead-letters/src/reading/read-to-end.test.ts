import type { ConsumedRecord, SubscribeOptions, SubscriberBackend } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { expect, onTestFinished, test } from 'vitest';
import { consumedLetter } from '../../test/dead-letter-records.js';
import { type ReadToEndOptions, readToEnd } from './read-to-end.js';

const never = new AbortController().signal;

function options(given: Partial<ReadToEndOptions>): ReadToEndOptions & { readonly offsets: number[] } {
  const offsets: number[] = [];
  const onRecord = ({ offset }: ConsumedRecord) => {
    offsets.push(offset);
  };
  const defaults = { topic: 'dead', ends: new Map([[0, 3]]), timeoutMs: 10_000, signal: never, onRecord };
  return { ...defaults, ...given, offsets };
}

/** Hands over the given records. */
function subscriberOf(
  handOver: (onRecords: SubscribeOptions['onRecords']) => Promise<void>,
): SubscriberBackend {
  const closed = Promise.withResolvers<void>();
  return {
    name: 'scripted',
    async subscribe({ onRecords }) {
      handOver(onRecords).catch(closed.reject);
      return {
        markProcessed() {},
        async commit() {},
        rejoin() {},
        isConnected: () => true,
        blocked: () => [],
        closed: closed.promise,
        close: async () => closed.resolve(),
      };
    },
    async close() {},
  };
}

const records = (...offsets: number[]) => offsets.map((offset) => consumedLetter({ partition: 0, offset }));

test('a client that begins anew does not give a record twice, and nothing is read beyond the end', async () => {
  const reading = options({});
  const backend = subscriberOf(async (onRecords) => {
    await onRecords(records(0, 1));
    await onRecords(records(0, 1, 2, 3, 4));
  });
  await readToEnd(backend, reading);
  expect(reading.offsets).toEqual([0, 1, 2]);
});

test('an end whose record has been deleted is passed', async () => {
  const reading = options({});
  await readToEnd(
    subscriberOf((onRecords) => onRecords(records(1, 7))),
    reading,
  );
  expect(reading.offsets).toEqual([1]);
});

test('nothing to read is not waited for', async () => {
  const backend = subscriberOf(() => Promise.reject(new Error('it was subscribed to')));
  await readToEnd(backend, options({ ends: new Map() }));
});

test('a topic that falls silent is an error, as is what goes wrong with a record', async () => {
  const backend = createMemoryBackend();
  onTestFinished(() => backend.close({ timeoutMs: 1000 }));
  await expect(readToEnd(backend, options({ timeoutMs: 50 }))).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: 'cannot read dead to its end: no record arrived for 50 ms; check the brokers',
  });
  const wrong = options({ onRecord: () => Promise.reject(new Error('no room')) });
  await expect(
    readToEnd(
      subscriberOf((onRecords) => onRecords(records(0))),
      wrong,
    ),
  ).rejects.toThrow('no room');
});

test('the signal ends it', async () => {
  const abort = new AbortController();
  const backend = createMemoryBackend();
  onTestFinished(() => backend.close({ timeoutMs: 1000 }));
  const reading = readToEnd(backend, options({ signal: abort.signal }));
  abort.abort();
  await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
});

test('the event loop goes on between the records of one call', async () => {
  let turns = 0;
  const seenTurns: number[] = [];
  /** As a decoder does: the event loop stands still. */
  function compute() {
    seenTurns.push(turns);
    const endsAtMs = performance.now() + 11;
    while (performance.now() < endsAtMs);
    setImmediate(() => {
      turns += 1;
    });
  }
  const reading = options({ ends: new Map([[0, 5]]), onRecord: compute });
  await readToEnd(
    subscriberOf((onRecords) => onRecords(records(0, 1, 2, 3, 4))),
    reading,
  );
  expect(seenTurns).toEqual([0, 1, 2, 3, 4]);
});
