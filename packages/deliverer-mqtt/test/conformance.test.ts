import { delivererConformance } from '@preservarium/conformance';
import { startMosquitto } from '@preservarium/dev-services';
import { afterAll, describe, test } from 'vitest';
import { mqttHarness } from './mqtt-harness.js';

const broker = await startMosquitto();
afterAll(() => broker.stop());

describe.each([
  ['MQTT 5', 5],
  ['MQTT 3.1.1', 4],
] as const)('%s', (_, protocolVersion) => {
  delivererConformance({ test, harness: mqttHarness(broker, protocolVersion) });
});
