import { expect, test } from 'vitest';
import { startScriptedBroker } from './mqtt-scripted-broker.js';
import { startTrial } from './mqtt-trial.js';

test('a broker without shared subscriptions is subscribed to without them', async () => {
  await using broker = await startScriptedBroker({
    connack: { properties: { sharedSubscriptionAvailable: false, subscriptionIdentifiersAvailable: false } },
    subscribe: (filter) => (filter.startsWith('$share/') ? 0x9e : 1),
  });
  await using trial = await startTrial({ url: broker.url });
  expect(broker.filters).toContain('devices/+/commands/+/response');
  expect(await trial.deliver({})).toMatchObject({ kind: 'delivered' });
});

test('a broker without wildcards in subscriptions is refused, and the limit is named', async () => {
  await using broker = await startScriptedBroker({
    connack: { properties: { wildcardSubscriptionAvailable: false } },
  });
  await expect(startTrial({ url: broker.url })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('Wildcard Subscription Available'),
  });
});

test.each([0x9c, 0x9d])('CONNACK with reason %i says where to', async (reasonCode) => {
  await using broker = await startScriptedBroker({
    connack: { reasonCode, properties: { serverReference: 'other.example:1883', reasonString: 'moved' } },
  });
  await expect(startTrial({ url: broker.url })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(
      /sends its clients to the server other\.example:1883 \("moved"\): set the url \(MQTT_URL\)/,
    ),
  });
});
