import { PublishFailedError } from '@preservarium/core';
import { silentLogger } from '@preservarium/publisher';
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
