import { startConnector } from '@preservarium/connector-process/testing';
import { expect, test } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url);

test.each([
  [{}, 'COAP_DEVICE_DIRECTORY and COAP_LISTEN_PORT are not set, and one of them must be; for example'],
  [
    { COAP_DEVICE_DIRECTORY: 'coap://{deviceId}' },
    'COAP_DEVICE_DIRECTORY: .* a device could be given any host; for example COAP_DEVICE_DIRECTORY=coap://',
  ],
  [{ COAP_LISTEN_PORT: '70000' }, 'COAP_LISTEN_PORT is "70000": must be a whole number from 1 to 65535'],
])('wrong settings are one line that names the variable: %j', async (environment, message) => {
  await using connector = startConnector(main, [], { environment });
  const { exitCode, stderr } = await connector.ended;
  expect(stderr).toMatch(new RegExp(`^coap-connector: CONFIGURATION_INVALID: ${message}.*\n$`));
  expect(exitCode).toBe(2);
});
