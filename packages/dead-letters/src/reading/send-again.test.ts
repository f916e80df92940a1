import type { PublisherBackend } from '@preservarium/backend';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { BackendUnavailableError } from '@preservarium/core';
import { expect, onTestFinished, test } from 'vitest';
import { consumedLetter, type GivenLetter } from '../../test/dead-letter-records.js';
import { readRedriven } from '../redrive.js';
import { type DeadEntry, readEntry } from './dead-entry.js';
import { type SendOutcome, sendAgain } from './send-again.js';

const timeoutMs = 10_000;

function entry(offset: number, given?: GivenLetter): DeadEntry {
  const read = readEntry(consumedLetter({ partition: 1, offset }, given));
  if (!read.ok) throw new Error(read.message);
  return read.entry;
}

function createBackend() {
  const broker = createMemoryBroker({ partitions: 2, maxMessageBytes: 1000 });
  const backend = createMemoryBackend({ broker });
  onTestFinished(() => backend.close({ timeoutMs: 1000 }));
  return backend;
}

async function send(
  backend: Pick<PublisherBackend, 'publish'>,
  entries: readonly DeadEntry[],
  signal?: AbortSignal,
) {
  const outcomes: [number, SendOutcome['kind'], ...string[]][] = [];
  await sendAgain(backend, entries, {
    topic: 'dead',
    commandTopic: 'device_commands',
    timeoutMs,
    signal: signal ?? new AbortController().signal,
    async onOutcome({ place }, outcome) {
      outcomes.push([place.offset, outcome.kind, ...(outcome.kind === 'sent' ? [] : [outcome.error.code])]);
    },
  });
  return outcomes;
}

const markedIn = (backend: ReturnType<typeof createBackend>) =>
  backend.records('dead').map((record) => readRedriven(record)?.offset);

test('what is acknowledged is noted, in the order in which it was given', async () => {
  const backend = createBackend();
  const entries = Array.from({ length: 1200 }, (_, position) =>
    entry(position, { command: { requestId: `r${1199 - position}` } }),
  ).reverse();
  expect(await send(backend, entries)).toEqual(entries.map(({ place }) => [place.offset, 'sent']));
  const sent = backend.records('device_commands').map(({ value }) => JSON.parse(String(value)).request_id);
  expect(sent).toEqual(Array.from({ length: 1200 }, (_, position) => `r${position}`));
  expect(markedIn(backend)).toEqual(entries.map(({ place }) => place.offset));
  expect(backend.records('dead').every(({ partition }) => partition === 1)).toBe(true);
});

test('one that Kafka refuses stops no other, and is not noted', async () => {
  const backend = createBackend();
  const large = entry(1, { command: { payload: { text: 'x'.repeat(1000) } } });
  expect(await send(backend, [entry(0), large, entry(2)])).toEqual([
    [0, 'sent'],
    [1, 'failed', 'MESSAGE_TOO_LARGE'],
    [2, 'sent'],
  ]);
  expect(markedIn(backend)).toEqual([0, 2]);
});

test('while Kafka is away, later ones are not tried', async () => {
  const backend = createBackend();
  const entries = Array.from({ length: 600 }, (_, position) => entry(position));
  await backend.close({ timeoutMs: 1000 });
  const calls: number[] = [];
  const publish: PublisherBackend['publish'] = (records, options) => {
    calls.push(records.length);
    return backend.publish(records, options);
  };
  expect(await send({ publish }, entries)).toEqual(
    entries.map(({ place }) => [place.offset, 'failed', 'CLOSED']),
  );
  expect(calls).toEqual([500, 0]);
  expect(backend.records('device_commands')).toEqual([]);
});

test('a sent dead letter whose mark failed is reported', async () => {
  const backend = createBackend();
  const publish: PublisherBackend['publish'] = async (records, options) => {
    const error = new BackendUnavailableError('no broker answers');
    if (records[0]?.topic === 'dead') return records.map(() => ({ ok: false, error }));
    return backend.publish(records, options);
  };
  expect(await send({ publish }, [entry(0)])).toEqual([[0, 'unmarked', 'BACKEND_UNAVAILABLE']]);
});

test('the signal ends the sending', async () => {
  const backend = createBackend();
  expect(await send(backend, [entry(0)], AbortSignal.abort())).toEqual([[0, 'failed', 'ABORTED']]);
  expect(markedIn(backend)).toEqual([]);
});
