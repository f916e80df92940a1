import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startConnector } from '@preservarium/connector-process/testing';
import { describe, expect, test } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url);

describe('wrong settings are one line that names the variable', () => {
  test.each([
    [
      ['--mqtt-url', 'localhost:1883'],
      {},
      'MQTT_URL: is not the address of a broker; for example MQTT_URL=mqtts://',
    ],
    [
      [],
      { MQTT_PROTOCOL_VERSION: '4' },
      'MQTT_PROTOCOL_VERSION is "4": must be one of 5, 3.1.1; for example',
    ],
    [
      ['--mqtt-qos', '0'],
      {},
      'MQTT_QOS \\(on the command line\\) is "0": must be one of 1, 2; for example MQTT_QOS=2',
    ],
    [
      [],
      { MQTT_TOPIC_TEMPLATE: 'devices/#' },
      'MQTT_TOPIC_TEMPLATE: must have no wildcards \\(\\+ or #\\); for example MQTT_TOPIC_TEMPLATE=greenhouse/',
    ],
    [
      [],
      { MQTT_PROTOCOL_VERSION: '3.1.1', MQTT_RESPONSE_TOPIC_TEMPLATE: 'answers/{deviceId}' },
      'MQTT_RESPONSE_TOPIC_TEMPLATE: needs {requestId} with MQTT 3.1.1',
    ],
    [
      [],
      { MQTT_PASSWORD_FILE: '/nowhere' },
      'MQTT_PASSWORD_FILE must be the path of a file that holds the value, and cannot be read',
    ],
    [
      ['--max-attempts', '0'],
      {},
      'CONNECTOR_MAX_ATTEMPTS .* must be a whole number from 1 to 1000; for example',
    ],
    [['--backend', 'memory'], {}, 'PUSHER_BACKEND is "memory", whose commands no other process sees'],
  ])('%j %j', async (args, environment, message) => {
    await using connector = startConnector(main, args, { environment });
    const { exitCode, stderr } = await connector.ended;
    expect(stderr).toMatch(new RegExp(`^mqtt-connector: CONFIGURATION_INVALID: ${message}.*\n$`));
    expect(exitCode).toBe(2);
  });

  test('also where the health port is on an address that the machine does not have', async () => {
    await using connector = startConnector(main, [], { environment: { HEALTH_HOST: '192.0.2.1' } });
    const { exitCode, stderr } = await connector.ended;
    expect(stderr).toMatch(/^mqtt-connector: CONFIGURATION_INVALID: HEALTH_PORT is \d+: .*192\.0\.2\.1.*\n$/);
    expect(exitCode).toBe(2);
  });

  test('also where the health port is taken', async () => {
    const server = createServer().listen(0);
    const { port } = server.address() as AddressInfo;
    await using connector = startConnector(main, ['--health-port', String(port)]);
    const { exitCode, stderr } = await connector.ended;
    server.close();
    expect(stderr).toMatch(/^mqtt-connector: CONFIGURATION_INVALID: HEALTH_PORT is \d+: .*EADDRINUSE.*\n$/);
    expect(exitCode).toBe(2);
  });

  test('a flag that is none', async () => {
    await using connector = startConnector(main, ['--mqtt-urls', 'x']);
    const { exitCode, stderr } = await connector.ended;
    expect(stderr).toMatch(/^mqtt-connector: USAGE: unknown option '--mqtt-urls'.*--mqtt-url.*\n$/);
    expect(exitCode).toBe(2);
  });
});
