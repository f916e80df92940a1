import { silentLogger } from '@preservarium/backend';
import { startMosquitto } from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { createMqttDeliverer, type MqttDelivererOptions } from '../src/index.js';

const login = { username: 'connector', password: 'hunter2' };

test.each<[string, Partial<MqttDelivererOptions>, number]>([
  ['a login and the default group', login, 1],
  ['a login and a group of its own', { ...login, answerGroup: 'k3v9q0c8' }, 0],
  ['a login and MQTT 3.1.1, which has no groups', { ...login, protocolVersion: 4 }, 0],
  ['no login: the broker tells nobody apart', {}, 0],
])('a connector with %s warns of a group that devices can guess: %j, %d times', async (_, options, count) => {
  await using broker = await startMosquitto();
  const warnings: string[] = [];
  const warn = (_fields: object, message: string) => warnings.push(message);
  const deliverer = createMqttDeliverer({ url: broker.url, logger: { ...silentLogger, warn }, ...options });
  const port = {
    reachable: () => false,
    report: async () => {},
    reported: async () => ({ kind: 'kept' as const }),
  };
  await deliverer.start(port, { timeoutMs: 10_000 });
  await deliverer.close({ timeoutMs: 1_000 });
  expect(warnings.filter((message) => message.includes('MQTT_ANSWER_GROUP_FILE'))).toHaveLength(count);
});
