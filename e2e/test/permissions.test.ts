import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { runConnector } from '@preservarium/connector';
import type { Deliverer } from '@preservarium/deliverer';
import { grantAccess, type KafkaCluster, startKafka, unsecuredToken } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { createSettings } from '@preservarium/settings';
import { createTracker } from '@preservarium/tracking';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { backends } from '../src/backends.js';
import { documentedPermissions } from '../src/documented-permissions.js';

const timeoutMs = 30_000;
const deliverer: Deliverer = {
  protocol: 'mqtt',
  async start() {},
  deliver: async () => ({ kind: 'delivered', evidence: 'device' }),
  isReady: () => true,
  async close() {},
};

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka({ security: 'sasl-ssl', isolated: true });
  const admin = createRdkafkaBackend(kafka.settings);
  const config = { 'cleanup.policy': 'compact' };
  await admin.createTopic({ topic: 'device_commands', partitions: 3 });
  for (const topic of ['device_settings', 'device_settings_reported'])
    await admin.createTopic({ topic, partitions: 3, config });
  await admin.close({ timeoutMs });
});
afterAll(() => kafka?.stop());

test.each(Object.entries(backends))(
  'through %s, what docs/production.md allows is enough',
  async (client, createBackend) => {
    const of = async (username: string, principals: readonly string[], ownGroup?: string) => {
      await grantAccess(kafka.settings, await documentedPermissions(principals, { username, ownGroup }));
      const sasl = { mechanism: 'oauthbearer' as const, token: async () => unsecuredToken(username) };
      const backend = createBackend({ ...kafka.settings, sasl });
      onTestFinished(() => backend.close({ timeoutMs: 5_000 }));
      return backend;
    };
    const ofConnector = await of(`${client}-connector`, ['connector', 'connector with settings']);
    await using _connector = await runConnector({
      backend: ofConnector,
      deliverer,
      settings: await createSettings({ backend: ofConnector, timeoutMs }),
      groupId: `pusher_connector_mqtt_${client}`,
    });
    const ownGroup = `${client}-dashboard`;
    const ofTracker = await of(`${client}-tracker`, ['application that tracks'], ownGroup);
    await using tracker = await createTracker({ backend: ofTracker, groupId: ownGroup });
    const service = createPusherService({ backend: await of(`${client}-app`, ['application that pushes']) });
    const { requestId } = await service.pushCommand({
      deviceId: 'lamp-7',
      commandType: 'on',
      protocol: 'mqtt',
    });
    const states: string[] = [];
    for await (const { state } of tracker.track(
      { deviceId: 'lamp-7', requestId },
      { signal: AbortSignal.timeout(timeoutMs) },
    )) {
      states.push(state);
      if (state === 'delivered') break;
    }
    expect(states.at(-1)).toBe('delivered');
  },
);

test('the table of permissions has the principals that are tried', async () => {
  for (const principal of [
    'connector',
    'connector with settings',
    'application that tracks',
    'application that pushes',
  ])
    expect(await documentedPermissions([principal], { username: 'user' }), principal).not.toEqual([]);
});
