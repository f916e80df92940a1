import { BackendUnavailableError, PublishFailedError } from '@preservarium/core';
import { type PublishRecord, silentLogger } from '@preservarium/publisher';
import { createMemoryBackend } from '@preservarium/publisher/memory';
import { expect, test, vi } from 'vitest';
import { createAppender } from './appender.js';

test('after a record that can never be written, nothing waits for it', async () => {
  const error = new PublishFailedError('the brokers refuse it');
  const publish = vi.fn(async () => [{ ok: false, error } as const]);
  const onFatal = vi.fn();
  const backend = { ...createMemoryBackend(), publish };
  const appender = createAppender({ backend, logger: silentLogger, onFatal });
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
  const appender = createAppender({ backend, logger: silentLogger, onFatal: vi.fn() });
  const append = (text: string) => appender.append({ topic: 'events', key: 'k', value: Buffer.from(text) });
  void append('first');
  await append('second').then(() => written.push('second is known to be written'));
  await append('third');
  expect(written).toEqual(['first', 'second', 'second is known to be written', 'third']);
});
