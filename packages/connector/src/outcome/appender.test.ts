import { type PublishRecord, silentLogger } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { BackendUnavailableError, MessageTooLargeError, PublishFailedError } from '@preservarium/core';
import { expect, test, vi } from 'vitest';
import { createAppender } from './appender.js';

const maxPendingRecords = () => 50_000;

test('after a record that can never be written, nothing waits for it', async () => {
  const error = new PublishFailedError('the brokers refuse it');
  const publish = vi.fn(async () => [{ ok: false, error } as const]);
  const onFatal = vi.fn();
  const backend = { ...createMemoryBackend(), publish };
  const appender = createAppender({ backend, logger: silentLogger, maxPendingRecords, onFatal });
  void appender.append({ topic: 'events', key: 'lamp-7', value: Buffer.from('{}') });
  await appender.flushed();
  expect(onFatal).toHaveBeenCalledExactlyOnceWith(error);
  void appender.append({ topic: 'events', key: 'lamp-7', value: Buffer.from('{}') });
  await appender.flushed();
  expect(publish).toHaveBeenCalledOnce();
});

test('what Kafka did not take goes again before anything newer, and only then counts as written', async () => {
  const written: string[] = [];
  const refused = { ok: false, error: new BackendUnavailableError('the brokers are away') } as const;
  let calls = 0;
  const publish = async (records: readonly PublishRecord[]) => {
    calls++;
    return records.map(({ topic, value }) => {
      if (calls === 1 && String(value) === 'second') return refused;
      written.push(String(value));
      return { ok: true, receipt: { topic } } as const;
    });
  };
  const backend = { ...createMemoryBackend(), publish };
  const appender = createAppender({ backend, logger: silentLogger, maxPendingRecords, onFatal: vi.fn() });
  const append = (text: string) => appender.append({ topic: 'events', key: 'k', value: Buffer.from(text) });
  void append('first');
  await append('second').then(() => written.push('second is known to be written'));
  await append('third');
  expect(written).toEqual(['first', 'second', 'second is known to be written', 'third']);
});

test('a record whose batch is refused for the size of another one goes again as it is', async () => {
  const written: string[] = [];
  const publish = async (records: readonly PublishRecord[]) => {
    const cause = new MessageTooLargeError(1);
    return records.map(({ topic, value }) => {
      if (value.length > 10) return { ok: false, error: cause } as const;
      // As rdkafka does it where a later record of the key is written.
      const error = new PublishFailedError('it would be out of order', { cause });
      if (records.length > 1 && String(value) === 'first') return { ok: false, error } as const;
      written.push(String(value));
      return { ok: true, receipt: { topic } } as const;
    });
  };
  const onFatal = vi.fn();
  const backend = { ...createMemoryBackend(), publish };
  const appender = createAppender({ backend, logger: silentLogger, maxPendingRecords, onFatal });
  const append = (text: string) => appender.append({ topic: 'events', key: 'k', value: Buffer.from(text) });
  await Promise.all([append('first'), append('much too large'), append('last')]);
  expect(written).toEqual(['last', 'first', 'last']);
  expect(onFatal).not.toHaveBeenCalled();
});

test('of a batch, what is refused for its size is replaced, and the rest keeps its order', async () => {
  const written: string[] = [];
  const publish = async (records: readonly PublishRecord[]) =>
    records.map(({ topic, value }) => {
      if (value.length > 10) return { ok: false, error: new MessageTooLargeError(value.length) } as const;
      written.push(String(value));
      return { ok: true, receipt: { topic } } as const;
    });
  const onFatal = vi.fn();
  const backend = { ...createMemoryBackend(), publish };
  const appender = createAppender({ backend, logger: silentLogger, maxPendingRecords, onFatal });
  const record = (text: string) => ({ topic: 'events', key: 'k', value: Buffer.from(text) });
  const appended = [
    appender.append(record('first')),
    appender.append(record('much too large'), () => [record('second'), record('also much too large')]),
    appender.append(record('as well too large')),
    appender.append(record('last')),
  ];
  await Promise.all(appended);
  // Readers know records that come twice.
  expect([...new Set(written)].sort()).toEqual(['first', 'last', 'second']);
  expect(written.lastIndexOf('second')).toBeLessThan(written.lastIndexOf('last'));
  expect(appender.refused()).toBe(3);
  expect(onFatal).not.toHaveBeenCalled();
});
