import { once } from 'node:events';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createPusherService } from './index.js';

test("pino's logger fits as it is: a line for each push, with its request id and without its payload", async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  await using service = createPusherService({
    backend: createMemoryBackend({ maxMessageBytes: 500 }),
    logger,
  });
  const command = {
    deviceId: 'device123',
    commandType: 'set_led',
    protocol: 'mqtt' as const,
    requestId: 'first',
  };
  await service.pushCommand({ ...command, payload: { secret: 'blue' } });
  const tooLarge = { ...command, requestId: 'second', payload: { secret: 'x'.repeat(500) } };
  await expect(service.pushCommand(tooLarge)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 20, msg: 'pushed', requestId: 'first', deviceId: 'device123', topic: 'device_commands' },
    { level: 40, msg: 'not pushed', requestId: 'second', deviceId: 'device123', code: 'MESSAGE_TOO_LARGE' },
  ]);
  expect(lines.join('')).not.toMatch(/secret|blue|xxx/);
});

test('a logger that throws keeps no push from being made; the process is warned once', async () => {
  const warned = once(process, 'warning');
  const warnings: unknown[] = [];
  const count = (warning: unknown) => warnings.push(warning);
  process.on('warning', count);
  const fail = () => {
    throw new Error('the disk is full');
  };
  const logger = { debug: fail, info: fail, warn: fail, error: fail };
  const backend = createMemoryBackend();
  await using service = createPusherService({ backend, logger });
  const command = { deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt' as const };
  await service.pushCommand(command);
  await service.pushCommand(command);
  const [warning] = await warned;
  process.off('warning', count);
  expect(String(warning)).toContain('the logger failed, and may fail again: Error: the disk is full');
  expect(warnings).toHaveLength(1);
  expect(backend.records('device_commands')).toHaveLength(2);
});
