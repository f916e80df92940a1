import { createMemoryBackend } from '@preservarium/backend-memory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCrashableBackend } from '../../test/crashable-backend.js';
import { accepted, createFakeDeliverer, unreachable } from '../../test/fake-deliverer.js';
import { createWorld, type World } from '../../test/world.js';
import { createChangelogSurvey } from './survey-changelog.js';

const waitingTopic = 'device_commands_waiting';
/** Nothing is attempted again before the test says so. */
const retry = { maxAttempts: 1, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

function survey() {
  const read = createChangelogSurvey();
  for (const record of world.broker.records(waitingTopic)) read.read(record);
  return Object.fromEntries(read.groups());
}

test('the survey has as many commands that wait as the connectors, of each group, with its protocol', async () => {
  let isThere = false;
  const mqtt = createFakeDeliverer(() => (isThere ? accepted : unreachable));
  const coap = Object.assign(
    createFakeDeliverer(() => unreachable),
    { protocol: 'coap' },
  );
  const [one, other] = [await world.start(mqtt, { retry }), await world.start(coap, { retry })];
  const before = Date.now();
  for (const deviceId of ['d1', 'd2', 'd3']) await world.push({ deviceId });
  await world.push({ protocol: 'coap' });
  await expect.poll(() => [one.status().waiting, other.status().waiting]).toEqual([3, 1]);
  await expect.poll(() => survey().pusher_connector_mqtt?.waiting).toBe(3);
  expect(survey()).toEqual({
    pusher_connector_mqtt: { protocol: 'mqtt', waiting: 3, oldestMs: expect.any(Number) },
    pusher_connector_coap: { protocol: 'coap', waiting: 1, oldestMs: expect.any(Number) },
  });
  expect(survey().pusher_connector_mqtt?.oldestMs).toBeGreaterThanOrEqual(before);
  isThere = true;
  mqtt.port.reachable('d1');
  await expect.poll(() => one.status().waiting).toBe(2);
  await expect.poll(() => survey().pusher_connector_mqtt?.waiting).toBe(2);
});

test('what a connector wrote after another one had claimed its partitions does not count', async () => {
  const crashing = createCrashableBackend(world.broker);
  const first = await world.start(
    createFakeDeliverer(() => unreachable),
    { retry, backend: crashing.backend },
  );
  await world.push({});
  await expect.poll(() => first.status().waiting).toBe(1);
  await expect.poll(() => world.uncommitted()).toBe(0);
  await crashing.crash();
  const second = await world.start(
    createFakeDeliverer(() => unreachable),
    { retry },
  );
  await expect.poll(() => second.status().waiting).toBe(1);
  const deferred = world.broker
    .records(waitingTopic)
    .find(({ headers }) => headers.some(([, value]) => String(value) === 'deferred'));
  if (deferred === undefined) throw new Error('nothing was deferred');
  const headers = deferred.headers.map(([name, value]) =>
    name === 'source-offset' ? ([name, Buffer.from('99')] as const) : ([name, value] as const),
  );
  const application = createMemoryBackend({ broker: world.broker });
  const { partition, key, value } = deferred;
  await application.publish(
    [{ topic: waitingTopic, partition, key: key ?? '', value: value ?? Buffer.alloc(0), headers }],
    { timeoutMs: 1_000 },
  );
  expect(survey().pusher_connector_mqtt?.waiting).toBe(1);
});
