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

test.each<[string, string[], Record<string, string>]>([
  ['cli', ['status', 'r', '--store', database, '--timeout', '3s', '--verbose'], {}],
  ['cli', ['status', 'r', '--store', database.replace('postgres:', 'postgrez:')], {}],
  ['cli', ['list', '--timeout', '3s'], { COMMAND_STORE_URL: database }],
  ['cli', ['push', ...command, '--brokers', `u:hunter2@${nowhere}`, '--timeout', '3s', '--verbose'], {}],
  ['cli', ['push', ...command], { KAFKA_BOOTSTRAP_SERVERS: `SASL_SSL://u:hunter2@${nowhere}` }],
  ['http-connector', ['--http-device-directory', 'http://u:hunter2@a.example/{deviceId}'], {}],
  ['http-connector', ['--http-device-directory', 'ftp://u:hunter2@a.example/{deviceId}'], {}],
  ['coap-connector', ['--coap-device-directory', 'coap://u:hunter2@a.example/{deviceId}'], {}],
  ['mqtt-connector', ['--mqtt-url', `ftp://u:hunter2@${nowhere}`], {}],
  ['mqtt-connector', ['--mqtt-url', `mqtt://u:hunter2@${nowhere}`], { MQTT_USERNAME: 'v' }],
  ['mqtt-connector', [], { MQTT_URL: `ftp://u:hunter2@${nowhere}` }],
  ['cli', ['push', ...command], { KAFKA_BOOTSTRAP_SERVERS: `SASL_SSL://u:hunter2,x@${nowhere}` }],
  ['cli', ['push', ...command], { KAFKA_BOOTSTRAP_SERVERS: `hunter2@${nowhere}` }],
  [
    'cli',
    ['push', ...command],
    { ...oauth, KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: `http://u:hunter2@${nowhere}` },
  ],
  ['cli', ['doctor', '--brokers', `u:hunter2@${nowhere}`, '--timeout', '3s'], {}],
  ['http-connector', ['--http-device-directory', 'http://u:hun/hunter2@a.example/{deviceId}'], {}],
  ['http-connector', ['--http-device-directory', 'http://u:hunter2@a.example/'], {}],
  ['gateway', ['--port', '0'], { ...oidc, GATEWAY_OIDC_ISSUER: `http://u:hunter2@${nowhere}` }],
  ['gateway', ['--port', '0'], { ...oidc, GATEWAY_OIDC_JWKS_URL: `http://u:hunter2@${nowhere}` }],
  ['gateway', ['--port', '0', '--brokers', `u:hunter2@${nowhere}`], {}],
  ['gateway', ['--port', '0'], { API_KEYS_FILE: 'hunter2' }],
  ['gateway', ['--help'], { COMMAND_STORE_URL: database, API_KEYS: 'hunter2' }],
  ['mqtt-connector', ['--help'], { MQTT_PASSWORD: 'hunter2', MQTT_URL: `mqtt://u:hunter2@${nowhere}` }],
  ['gateway', ['--port', '0'], { COMMAND_STORE_URL: database.replace('postgres:', 'postgrez:') }],
])('%s %j %j prints no password of an address', async (app, args, environment) => {
  const output = await outputOf(app, args, environment);
  expect(output).not.toBe('');
  expect(output).not.toContain('hunter2');
  expect(output, 'the arguments are all there').not.toContain('USAGE');
});
