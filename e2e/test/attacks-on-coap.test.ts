import { textHeaders } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { encodeCancellation } from '@preservarium/core';
import { readDeadLetter } from '@preservarium/dead-letters';
import { createTestTopic, freeUdpPort, readTopic, writeTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { expect, test } from 'vitest';
import { fileWith, program, push, statesOf, stopped } from '../src/attacks.js';
import { createRawCoapEndpoint, echoOf, option, target, textOf } from '../src/raw-coap-endpoint.js';
import { sharedKafka } from '../src/shared-kafka.js';

/** Endpoints that send any messages, against the running connector with a token of each device. Prints what stopped each attack. */

const kafka = sharedKafka();
const timeout = 60_000;
const [good, other] = ['pump-token-0123456', 'thief-token-012345'];
const observe = (value: number) => option('Observe', value === 0 ? '' : Buffer.of(value));
const block2 = (number: number) => option('Block2', Buffer.of(number * 16 + 5));
const block1 = (value: number) => option('Block1', Buffer.of(value));

async function createScene() {
  const tokens = await fileWith('tokens.yaml', `pump: ${good}\nthief: ${other}\n`);
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const port = await freeUdpPort();
  const connector = startConnector(program('coap-connector'), [
    ...[...connectorArguments(topic), '--coap-device-tokens', tokens],
    ...['--coap-listen-port', String(port), '--coap-listen-host', '127.0.0.1'],
  ]);
  await connector.logged('taking commands');
  const [pump, thief] = [await createRawCoapEndpoint(port), await createRawCoapEndpoint(port)];
  return { topic, pump, thief, [Symbol.asyncDispose]: () => connector[Symbol.asyncDispose]() };
}

test('CoAP: another endpoint gets no command by the Echo, the token, the block or the observation of its device', async () => {
  await using scene = await createScene();
  const { topic, pump, thief } = scene;
  const mine = target('commands/pump', `token=${good}`);
  const stolen = target('commands/pump', `token=${other}`);

  const echo = echoOf(await pump.exchange({ code: 'GET', options: mine }));
  const reused = await thief.exchange({ code: 'GET', options: [...mine, echo as never] });
  stopped('poll with the token and the Echo value of pump from another endpoint', textOf(reused));
  expect(reused.code).toBe('4.01');

  const registration = { code: 'GET', token: Buffer.of(9), options: [...mine, observe(0)] };
  expect((await pump.ask(registration)).code).toBe('2.05');
  const ending = { code: 'GET', token: Buffer.of(9), options: [...stolen, observe(1)] };
  const deregistered = await thief.ask(ending);
  stopped('end the observation of pump with its message token', textOf(deregistered));
  expect(deregistered.code).toBe('4.01');
  const own = { ...ending, options: [...target('commands/thief', `token=${other}`), observe(1)] };
  expect((await thief.ask(own)).code).toBe('2.05');
  // The answers of the server have ids of their own; a reset or an acknowledgement of another endpoint is none of them.
  for (let messageId = 0; messageId < 65_536; messageId += 257) {
    for (const kind of ['reset', 'ack'] as const) thief.send({ code: '0.00', [kind]: true, messageId });
  }
  const forged = { code: '2.05', token: Buffer.of(9), options: [observe(255)], payload: Buffer.from('{}') };
  thief.send({ ...forged, confirmable: false, messageId: 1 });
  const text = 'x'.repeat(1_200);
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'coap', payload: { text } });
  const notification = await pump.next();
  expect(notification.options.some(({ name }) => name === 'Observe')).toBe(true);
  stopped('reset, acknowledge and forge notifications of pump', 'pump is notified of its command');

  const parts = [notification.payload];
  for (const [number, token] of [
    [1, Buffer.of(9)],
    [2, Buffer.alloc(0)],
  ] as const) {
    const theft = await thief.ask({ code: 'GET', token, options: [...stolen, block2(number)] });
    stopped(
      `ask for block ${number} of the command of pump, message token "${token.toString('hex')}"`,
      textOf(theft),
    );
    expect(theft.code).toBe('4.01');
    const empty = {
      code: 'GET',
      token,
      options: [...target('commands/thief', `token=${other}`), block2(number)],
    };
    stopped(`ask for block ${number} of its own, which has none`, textOf(await thief.ask(empty)));
    const answer = await pump.ask({ code: 'GET', token, options: [...mine, block2(number)] });
    expect(answer.code).toBe('2.05');
    parts.push(answer.payload);
  }
  expect(JSON.parse(Buffer.concat(parts).toString())).toEqual({ text });

  const claim = { code: 'POST', payload: Buffer.from('{"status":"succeeded"}') } as const;
  const refused = await thief.ask({ ...claim, options: target('commands/pump/r1', `token=${other}`) });
  stopped('acknowledge the command of pump', textOf(refused));
  expect(refused.code).toBe('4.01');
  const claimed = await thief.ask({ ...claim, options: target('commands/thief/r1', `token=${other}`) });
  stopped(
    'acknowledge the request id of pump as its own',
    `${textOf(claimed)}, of a command that thief never had`,
  );
  const said = { code: 'POST', payload: Buffer.from('{"status":"failed"}') } as const;
  expect((await pump.ask({ ...said, options: target('commands/pump/r1', `token=${good}`) })).code).toBe(
    '2.04',
  );
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('failed');
  expect(await statesOf(topic, 'pump')).not.toContain('succeeded');
});

test('CoAP: blocks of requests without a message token are not mixed, and no report is of another device', async () => {
  await using scene = await createScene();
  const { topic, pump, thief } = scene;
  const report = (token: string, deviceId: string, value: number, block: number) => ({
    ...({ code: 'POST', token: Buffer.alloc(0), payload: Buffer.from(`{"a":${value}}`) } as const),
    options: [...target(`settings/${deviceId}`, `token=${token}`), block1(block)],
  });
  const first = await thief.ask(report(other, 'thief', 1, 0x0a));
  stopped('begin a report in blocks, for pump to end', textOf(first));
  expect(first.code).toBe('4.13');
  const last = await thief.ask(report(other, 'thief', 1, 0x12));
  stopped('end the report in blocks that pump began', textOf(last));
  expect(last.code).toBe('4.13');
  const [one, two] = await Promise.all([
    thief.ask(report(other, 'thief', 1, 0x02)),
    pump.ask(report(good, 'pump', 2, 0x02)),
  ]);
  stopped('report at the same time as pump, both without message token', `${textOf(one)} | ${textOf(two)}`);
  const stolen = await thief.ask(report(other, 'pump', 3, 0x02));
  stopped('report for pump', textOf(stolen));
  expect(stolen.code).toBe('4.01');
  const records = await readTopic(kafka, `${topic}-reported`);
  const reported = records.filter(({ key }) => String(key) === 'pump').map(({ value }) => String(value));
  expect(reported.join()).not.toMatch(/"a":[13]/);
});

test('no acknowledgement before it is sent and no cancellation in a wrong place ends a command', async () => {
  await using scene = await createScene();
  const { topic, pump } = scene;
  const mine = (path: string) => target(path, `token=${good}`);
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'coap', payload: { n: 1 } });
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('waiting');
  const early = { code: 'POST', payload: Buffer.from('{"status":"succeeded"}') } as const;
  const squatted = await pump.ask({ ...early, options: mine('commands/pump/r2') });

  const cancellation = { requestId: 'r1', timestamp: new Date() };
  await using service = createPusherService({
    ...{ backend: createKafkajsBackend(kafka), commandTopic: topic, waitingTopic: `${topic}-waiting` },
  });
  await service.cancelCommand({ deviceId: 'thief', requestId: 'r1' });
  stopped('cancel the request id of pump for thief', 'see below: pump gets the command');
  const value = encodeCancellation({ ...cancellation, deviceId: 'pump' });
  const headers = textHeaders({ 'record-type': 'cancel' });
  for (const place of [topic, `${topic}-events`, `${topic}-dead`])
    await writeTopic(kafka, place, [{ partition: 0, key: 'pump', value, headers }]);
  const garbage = Buffer.from('{"request_id":"r1"}');
  await writeTopic(kafka, `${topic}-waiting`, [{ partition: 0, key: 'pump', value: garbage, headers }]);
  await push(topic, { requestId: 'r2', deviceId: 'pump', protocol: 'coap', payload: { n: 2 } });

  const received: string[] = [];
  await expect
    .poll(
      async () => {
        const { payload, options } = await pump.ask({ code: 'GET', options: mine('commands/pump') });
        const requestId = options.filter(({ name }) => name === 'Location-Path')[2]?.value.toString();
        if (requestId === undefined) return received;
        received.push(payload.toString());
        await pump.ask({ code: 'POST', options: mine(`commands/pump/${requestId}`) });
        return received;
      },
      { timeout, interval: 200 },
    )
    .toEqual(['{"n":1}', '{"n":2}']);
  stopped(
    'cancel in the command, event and dead-letter topics, and without a device',
    'pump gets the command',
  );
  stopped(
    'acknowledge a request id before its command is sent',
    `${textOf(squatted)}, and the command is sent`,
  );
  const letters = (await readTopic(kafka, `${topic}-dead`)).map(readDeadLetter);
  expect(letters.some((read) => read.ok && read.letter.reason === 'poison')).toBe(true);
});
