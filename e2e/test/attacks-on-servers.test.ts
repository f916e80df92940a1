import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { signReport } from '@preservarium/deliverer-http';
import { createTestTopic, freeTcpPort, freeUdpPort, requestWithLibcoap } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { fileWith, program, push, statesOf, stopped } from '../src/attacks.js';
import { sharedKafka } from '../src/shared-kafka.js';

/** The attacker against the running connectors, each with the rules that its README asks for. Prints what stopped each attack. */

const kafka = sharedKafka();
const timeout = 60_000;

test('HTTP: no report is forged, reflected, moved to another device or sent again, also after a restart', async () => {
  const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
  const secrets = await fileWith(
    'secrets.yaml',
    `lamp: ${secretOf(7)}\npump: ${secretOf(8)}\n"greenhouse-*": ${secretOf(9)}\n`,
  );
  const commands: Record<string, string>[] = [];
  const device = createServer(async (received, response) => {
    commands.push({ ...(received.headers as Record<string, string>), body: await text(received) });
    response.end();
  });
  await once(device.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void device.close());
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const port = await freeTcpPort();
  const start = () =>
    startConnector(program('http-connector'), [
      ...[...connectorArguments(topic), '--http-signing-secrets', secrets],
      ...['--http-device-directory', `http://127.0.0.1:${(device.address() as AddressInfo).port}/{deviceId}`],
      ...['--http-listen-port', String(port), '--http-listen-host', '127.0.0.1'],
    ]);
  const before = start();
  onTestFinished(() => before[Symbol.asyncDispose]());
  await before.logged('taking commands');

  /** As it is, whatever `fetch` would make of the path. */
  const post = async (path: string, body: string, headers: Record<string, string | string[]> = {}) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return `${response.statusCode} ${await text(response)}`;
  };
  const attack = async (name: string, answer: Promise<string>, expected = /^40[14] /) => {
    const said = await answer;
    stopped(name, said);
    expect(said, name).toMatch(expected);
  };
  const body = '{"a":1}';
  const sign = (deviceId: string, byte: number, path?: string) =>
    signReport({ deviceId, body: Buffer.from(body), ...(path !== undefined && { path }) }, secretOf(byte));

  await attack('report without a signature', post('/settings/lamp', body));
  await attack('report for lamp with the secret of pump', post('/settings/lamp', body, sign('lamp', 8)));
  await attack('report of pump at the path of lamp', post('/settings/lamp', body, sign('pump', 8)));
  for (const path of ['/settings/pump/../lamp', '/settings/%6camp', '/settings/lamp%00', '/settings//lamp']) {
    await attack(`report of pump at ${path}`, post(path, body, sign('pump', 8, path)));
  }
  await attack(
    'report of pump at http://x/settings/lamp',
    post('http://x/settings/lamp', body, sign('pump', 8)),
  );
  await attack('report with another body', post('/settings/lamp', '{"a":2}', sign('lamp', 7)));
  const { 'webhook-signature': good = '', ...rest } = sign('pump', 8);
  const twice = { ...rest, 'webhook-signature': ['v2,eA==', good], 'device-id': ['pump', 'lamp'] };
  await attack('report of pump for lamp with headers twice', post('/settings/lamp', body, twice));
  const shared = sign('greenhouse-1', 9);
  await attack(
    'report of greenhouse-1 for greenhouse-2, which has the same secret',
    post('/settings/greenhouse-2', body, shared),
  );
  expect(await post('/settings/greenhouse-1', body, shared)).toMatch(/^(204|422) /);
  await attack(
    'the nonce of another device',
    post('/settings/pump', body, { ...sign('pump', 8), 'webhook-nonce': shared['webhook-nonce'] ?? '' }),
  );
  await attack('report of a device without a secret', post('/settings/lamp-2', body, sign('lamp-2', 7)));

  await push(topic, { deviceId: 'lamp', protocol: 'http', path: '/settings/lamp', payload: { a: 1 } });
  await expect.poll(() => commands, { timeout }).toHaveLength(1);
  const { body: sent = '', connection: _, 'content-length': __, host: ___, ...reflected } = commands[0] ?? {};
  await attack('a signed command as a report', post('/settings/lamp', sent, reflected));

  const signed = sign('lamp', 7);
  expect(await post('/settings/lamp', body, signed)).toMatch(/^(204|422) /);
  await attack('the same report again', post('/settings/lamp', body, signed));
  before.kill('SIGTERM');
  await before.ended;
  const after = start();
  onTestFinished(() => after[Symbol.asyncDispose]());
  await after.logged('taking commands');
  await attack('the same report after a restart', post('/settings/lamp', body, signed), /^503 .*before/);
  expect(await post('/settings/lamp', body, sign('lamp', 7))).toMatch(/^(204|422) /);
});

test('CoAP: nobody polls, observes, acknowledges or reports for another device', async () => {
  const [good, other] = ['pump-token-0123456', 'thief-token-012345'];
  const tokens = await fileWith('tokens.yaml', `pump: ${good}\nthief: ${other}\n`);
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const port = await freeUdpPort();
  await using connector = startConnector(program('coap-connector'), [
    ...[...connectorArguments(topic), '--coap-device-tokens', tokens],
    ...['--coap-listen-port', String(port), '--coap-listen-host', '127.0.0.1'],
  ]);
  await connector.logged('taking commands');
  const url = `coap://127.0.0.1:${port}`;
  const pump = (query: string) => requestWithLibcoap({ url: `${url}/commands/pump${query}` });
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'coap', payload: { open: true } });
  const attempts: [string, Parameters<typeof requestWithLibcoap>[0]][] = [
    ['poll without a token', { url: `${url}/commands/pump` }],
    ['poll with the token of thief', { url: `${url}/commands/pump?token=${other}` }],
    ['poll with two tokens', { url: `${url}/commands/pump?token=${other}&token=${good.slice(0, -1)}` }],
    [
      'observe with the token of thief',
      { url: `${url}/commands/pump?token=${other}`, arguments: ['-s', '1'] },
    ],
    [
      'acknowledge',
      { url: `${url}/commands/pump/r1?token=${other}`, method: 'post', payload: '{"status":"succeeded"}' },
    ],
    ['report', { url: `${url}/settings/pump?token=${other}`, method: 'post', payload: '{"a":1}' }],
    ['poll by ack', { url: `${url}/commands/pump?ack=r1&token=${other}` }],
    ['ask for a block', { url: `${url}/commands/pump?token=${other}`, arguments: ['-O', '23,0x16'] }],
    [
      'poll through a proxy option',
      { url: `${url}/commands/pump?token=${other}`, arguments: ['-O', '35,coap://x/commands/thief'] },
    ],
    [
      'poll with another host option',
      { url: `${url}/commands/pump?token=${other}`, arguments: ['-O', '3,thief'] },
    ],
    ['poll thief%2f..%2fpump', { url: `${url}/commands/thief%2f..%2fpump?token=${other}` }],
  ];
  for (const [name, attempt] of attempts) {
    const { code, payload } = await requestWithLibcoap(attempt);
    stopped(`CoAP: ${name}`, `${code} ${payload}`);
    expect(code, name).toMatch(/^4\./);
    expect(String(payload)).not.toContain('open');
  }
  expect(await statesOf(topic, 'pump')).not.toContain('delivered');
  const { payload } = await pump(`?token=${good}`);
  expect(String(payload)).toContain('"open":true');
});
