import { randomUUID } from 'node:crypto';
import type { Backend, KafkaOptions } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { expect, test } from 'vitest';
import { runApplication } from '../src/application.js';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const choices: Record<string, (settings: KafkaOptions) => Backend> = {
  memory: () => createMemoryBackend(),
  ...backends,
};

for (const [name, createBackend] of Object.entries(choices)) {
  test(`an application runs on the ${name} backend, which is its one setting`, async () => {
    const commands = await runApplication(createBackend(sharedKafka()), `application-${randomUUID()}`);
    expect(commands).toMatchObject([
      { commandType: 'set_led', payload: { state: 'on' } },
      { commandType: 'reboot', protocol: 'coap', path: '/r' },
      { commandType: 'dim', payload: { level: 1 } },
      { commandType: 'dim', payload: { level: 2 } },
      { commandType: 'dim', payload: { level: 3 } },
    ]);
  });
}
