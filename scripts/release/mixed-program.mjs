/**
 * A TypeScript program that pushes a command, delivers it and waits for the outcome: in memory, and through the Kafka that its first
 * argument names. Its parts come from packages of two versions.
 */
export const mixedProgram = `import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { feedCommandStore } from '@preservarium/command-store';
import { createSqliteCommandStore } from '@preservarium/command-store-sqlite';
import { runConnector } from '@preservarium/connector';
import { ConfigurationError, type PusherError } from '@preservarium/core';
import { createHttpDeliverer } from '@preservarium/deliverer-http';
import { createPusherService } from '@preservarium/publisher';
import { createSettings } from '@preservarium/settings';
import { traceBackend } from '@preservarium/telemetry';
import { createTracker } from '@preservarium/tracking';

const brokers = process.argv[2]?.split(',') ?? [];
const commands = process.argv[3] ?? 'device_commands';
const device = createServer((_, response) => response.end());
await new Promise<void>((resolve) => device.listen(0, '127.0.0.1', resolve));
const url = \`http://127.0.0.1:\${(device.address() as AddressInfo).port}\`;

async function pushAndDeliver(backend: Backend): Promise<void> {
  await backend.createTopic({ topic: commands, partitions: 1 });
  const deliverer = createHttpDeliverer({ directory: () => url, evidence: 'device' });
  const connector = await runConnector({ backend, deliverer, topics: { commands }, from: 'beginning', groupId: commands });
  const settings = await createSettings({ backend });
  const tracker = await createTracker({ backend });
  const store = await createSqliteCommandStore({ path: ':memory:' });
  const feed = await feedCommandStore({ backend, store });
  const pusher = createPusherService({ backend: traceBackend(backend), commandTopic: commands });
  const command = { deviceId: 'lamp-1', commandType: 'set_led', protocol: 'http', path: '/led', payload: { on: true } } as const;
  const { state } = await tracker.pushAndWait(pusher, command, { until: 'delivered', timeoutMs: 30_000 });
  await settings.pushSettings('lamp-1', { color: 'blue' });
  await feed.untilCaughtUp({ timeoutMs: 30_000 });
  console.log(backend.name, state, JSON.stringify(await store.countByState()));
  for (const part of [feed, tracker, settings, connector, pusher]) await part.close({ timeoutMs: 5_000 });
}

await pushAndDeliver(createMemoryBackend());
await pushAndDeliver(createKafkajsBackend({ brokers }));

try {
  createKafkajsBackend({ brokers: [] });
  throw new Error('no brokers must be an error');
} catch (error) {
  if (!ConfigurationError.isInstance(error)) throw error;
  const known: PusherError = error;
  console.log(known.code);
}
process.exit();
`;
