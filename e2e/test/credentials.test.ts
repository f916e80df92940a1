import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const nowhere = '127.0.0.1:1';
const command = ['--device', 'a', '--type', 'x', '--protocol', 'mqtt', '--payload', '{}', '--timeout', '3s'];
const oauth = {
  ...{
    KAFKA_BOOTSTRAP_SERVERS: nowhere,
    KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
    KAFKA_SASL_OAUTHBEARER_CLIENT_ID: 'a',
  },
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: 'hunter2',
};
const oidc = { GATEWAY_OIDC_ISSUER: 'http://127.0.0.1:1', GATEWAY_OIDC_AUDIENCE: 'a' };
const database = `postgres://pusher:hunter2@${nowhere}/pusher`;

/** Resolves with all that the program prints until it fails. */
function outputOf(app: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
  const main = fileURLToPath(new URL(`../../apps/${app}/dist/main.js`, import.meta.url));
  const { PATH } = process.env;
  return new Promise<string>((resolve) => {
    const options = { cwd: tmpdir(), env: { PATH, ...environment }, timeout: 60_000 };
    execFile(process.execPath, [main, ...args], options, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

const unreachableStore = /PostgreSQL cannot be reached/;
const wrongStore = /COMMAND_STORE_URL.* has a wrong value/;
const wrongBrokers = /KAFKA_BOOTSTRAP_SERVERS.*\*\*\*@127\.0\.0\.1:1/;
const httpDirectory = /HTTP_DEVICE_DIRECTORY.*\*\*\*@a\.example/;
const brokers = ['--brokers', `u:hunter2@${nowhere}`];

/** The last column is what the program prints of the address, or of the variable with it: it has read the address. */
test.each<[string, string[], Record<string, string>, RegExp]>([
  ['cli', ['status', 'r', '--store', database, '--timeout', '3s', '--verbose'], {}, unreachableStore],
  ['cli', ['status', 'r', '--store', database.replace('postgres:', 'postgrez:')], {}, wrongStore],
  ['cli', ['list', '--timeout', '3s'], { COMMAND_STORE_URL: database }, unreachableStore],
  ['cli', ['push', ...command, ...brokers, '--timeout', '3s', '--verbose'], {}, wrongBrokers],
  ['cli', ['push', ...command], { KAFKA_BOOTSTRAP_SERVERS: `SASL_SSL://u:hunter2@${nowhere}` }, wrongBrokers],
  ['http-connector', ['--http-device-directory', 'http://u:hunter2@a.example/{deviceId}'], {}, httpDirectory],
  ['http-connector', ['--http-device-directory', 'ftp://u:hunter2@a.example/{deviceId}'], {}, httpDirectory],
  [
    'coap-connector',
    ['--coap-device-directory', 'coap://u:hunter2@a.example/{deviceId}'],
    {},
    /COAP_DEVICE_DIRECTORY.*\*\*\*@a\.example/,
  ],
  ['mqtt-connector', ['--mqtt-url', `ftp://u:hunter2@${nowhere}`], {}, /MQTT_URL: is not the address/],
  [
    'mqtt-connector',
    ['--mqtt-url', `mqtt://u:hunter2@${nowhere}`],
    { MQTT_USERNAME: 'v' },
    /MQTT_URL: holds credentials/,
  ],
  ['mqtt-connector', [], { MQTT_URL: `ftp://u:hunter2@${nowhere}` }, /MQTT_URL: is not the address/],
  [
    'cli',
    ['push', ...command],
    { KAFKA_BOOTSTRAP_SERVERS: `SASL_SSL://u:hunter2,x@${nowhere}` },
    wrongBrokers,
  ],
  ['cli', ['push', ...command], { KAFKA_BOOTSTRAP_SERVERS: `hunter2@${nowhere}` }, wrongBrokers],
  [
    'cli',
    ['push', ...command],
    { ...oauth, KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: `http://u:hunter2@${nowhere}` },
    /TOKEN_ENDPOINT_URL.*\*\*\*@127\.0\.0\.1:1/,
  ],
  ['cli', ['doctor', ...brokers, '--timeout', '3s'], {}, wrongBrokers],
  [
    'http-connector',
    ['--http-device-directory', 'http://u:hun/hunter2@a.example/{deviceId}'],
    {},
    httpDirectory,
  ],
  ['http-connector', ['--http-device-directory', 'http://u:hunter2@a.example/'], {}, httpDirectory],
  [
    'gateway',
    ['--port', '0'],
    { ...oidc, GATEWAY_OIDC_ISSUER: `http://u:hunter2@${nowhere}` },
    /OIDC_ISSUER.*\*\*\*@127\.0\.0\.1:1/,
  ],
  [
    'gateway',
    ['--port', '0'],
    { ...oidc, GATEWAY_OIDC_JWKS_URL: `http://u:hunter2@${nowhere}` },
    /OIDC_JWKS_URL.*\*\*\*@127\.0\.0\.1:1/,
  ],
  ['gateway', ['--port', '0', ...brokers], {}, wrongBrokers],
  ['gateway', ['--port', '0'], { API_KEYS_FILE: 'hunter2' }, /API_KEYS_FILE must be the path/],
  [
    'gateway',
    ['--help'],
    { COMMAND_STORE_URL: database, API_KEYS: 'hunter2' },
    /COMMAND_STORE_URL_FILE.*API_KEYS_FILE/s,
  ],
  [
    'mqtt-connector',
    ['--help'],
    { MQTT_PASSWORD: 'hunter2', MQTT_URL: `mqtt://u:hunter2@${nowhere}` },
    /MQTT_URL; default: mqtt:\/\/localhost:1883.*MQTT_PASSWORD_FILE/s,
  ],
  ['gateway', ['--port', '0'], { COMMAND_STORE_URL: database.replace('postgres:', 'postgrez:') }, wrongStore],
])('%s %j %j prints no password of an address', async (app, args, environment, said) => {
  const output = await outputOf(app, args, environment);
  expect(output).toMatch(said);
  expect(output).not.toContain('hunter2');
  expect(output, 'the arguments are all there').not.toContain('USAGE');
});
