import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiKey } from '@preservarium/access';
import { textHeaders } from '@preservarium/backend';
import { encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { createTestTopic, readTopic, writeTopic } from '@preservarium/dev-services';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newFolder, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const timeout = 30_000;

/** The members of answers that are looked at. */
interface Answer {
  readonly dead_letters: readonly object[];
  readonly protocol: string;
  readonly desired: { readonly settings: { readonly door?: number } };
}

/** A gateway with the key `root`, which may do everything, and `guest`, which may read and push some kinds of lamps. */
async function startWithRule(rule: object) {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const folder = newFolder();
  const [root, guest] = [createApiKey('root'), createApiKey('guest')];
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [root.entry, guest.entry] }));
  const actions = ['push', 'read', 'cancel', 'redrive'];
  const rules = [
    { name: 'root', subjects: [{ key: 'root' }], actions },
    { name: 'lamps', subjects: [{ key: 'guest' }], devices: { ids: ['lamp'] }, actions, ...rule },
  ];
  writeFileSync(join(folder, 'policy.json'), JSON.stringify({ rules }));
  const deadLetters = await createTestTopic(kafka, { partitions: 1 });
  const args = [
    ...['--keys', join(folder, 'keys.json'), '--policy', join(folder, 'policy.json')],
    ...['--dead-letter-topic', deadLetters],
  ];
  const { url } = await startGateway({ topic, folder, args });
  const keys = { root: root.text, guest: guest.text };
  const ask = async (key: keyof typeof keys, method: string, path: string, body?: object) => {
    const headers = { 'x-api-key': keys[key], ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(`${url}${path}`, {
      ...{ method, headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json().catch(() => undefined)) as Answer };
  };
  return { topic, deadLetters, url, keys, ask };
}

/** Writes what a connector writes. */
function writeEvents(topic: string, ...events: readonly LifecycleEvent[]) {
  const records = events.map((event) => ({
    ...{ partition: 0, key: event.deviceId, value: encodeLifecycleEvent(event) },
  }));
  return writeTopic(kafka, `${topic}-events`, records);
}

const unlock = { device_id: 'lamp', command_type: 'unlock', protocol: 'mqtt', payload: { code: 'x' } };

describe('a caller whose rule names some command types', () => {
  test('reads no answers to others by the stream', async () => {
    const { topic, url, keys, ask } = await startWithRule({ commands: ['set_led'] });
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const stream = await fetch(`${url}/v1/events`, {
      headers: { 'x-api-key': keys.guest },
      signal: controller.signal,
    });
    let heard = '';
    void (async () => {
      for await (const bytes of stream.body ?? []) heard += Buffer.from(bytes).toString();
    })().catch(() => {});
    const ids = { deviceId: 'lamp', protocol: 'mqtt', timestamp: new Date() } as const;
    for (const [requestId, command_type] of [
      ['r1', 'unlock'],
      ['r2', 'set_led'],
    ] as const)
      expect(
        (await ask('root', 'POST', '/v1/commands', { ...unlock, command_type, request_id: requestId }))
          .status,
      ).toBe(202);
    for (const [requestId, commandType] of [
      ['r1', 'unlock'],
      ['r2', 'set_led'],
    ] as const) {
      await writeEvents(
        topic,
        { ...ids, requestId, commandType, state: 'dispatched' },
        { ...ids, requestId, state: 'succeeded', evidence: 'executed', result: { secret: requestId } },
      );
    }
    await writeEvents(topic, { ...ids, requestId: 'r3', commandType: 'set_led', state: 'dispatched' });
    await expect.poll(() => heard, { timeout }).toContain('"r3"');
    expect(heard).not.toContain('"r1"');
    expect(heard).toContain('"secret":"r2"');
  });

  test('reads no dead letters that cannot be read', async () => {
    const { topic, deadLetters, ask } = await startWithRule({ commands: ['set_led'] });
    const headers = textHeaders({
      ...{ 'record-type': 'dead-letter', 'dead-reason': 'poison', 'dead-message': 'x', 'dead-attempts': '1' },
      ...{ 'dead-group': 'g', 'dead-at': '2000', 'source-topic': topic, 'source-partition': '0' },
      ...{ 'source-offset': '0', 'source-timestamp': '0' },
    });
    const value = Buffer.from(JSON.stringify({ ...unlock, protocol: undefined }));
    await writeTopic(kafka, deadLetters, [{ partition: 0, key: 'lamp', value, headers }]);
    const list = await ask('guest', 'GET', '/v1/dead-letters');
    expect(list.body.dead_letters).toEqual([]);
    expect((await ask('guest', 'GET', '/v1/dead-letters/0:0')).status).toBe(404);
  });
});

describe('a caller whose rule names some settings', () => {
  const path = '/v1/devices/lamp/settings';

  test('sends no other ones by a command of their type', async () => {
    const { topic, ask } = await startWithRule({ settings: ['rate'] });
    const forged = {
      ...unlock,
      command_type: 'settings',
      supersede_key: 'settings',
      payload: { door: 'open' },
    };
    const answers = [
      await ask('guest', 'POST', '/v1/commands', forged),
      await ask('guest', 'POST', '/v1/commands:batch', forged),
      await ask('guest', 'POST', '/v1/commands:validate', forged),
      await ask('guest', 'POST', '/api/v1/commands', forged),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 415, 403, 403]);
    expect(await readTopic(kafka, topic)).toEqual([]);
  });

  test('moves the others to no other protocol', async () => {
    const { ask } = await startWithRule({ settings: ['rate'] });
    expect((await ask('root', 'PUT', path, { door: 'closed', rate: 1 })).status).toBe(200);
    const moved = await ask('guest', 'PATCH', `${path}?protocol=coap`, { rate: 2 });
    const emptied = await ask('guest', 'PATCH', `${path}?protocol=coap`, {});
    expect([moved.status, emptied.status]).toEqual([403, 403]);
    expect((await ask('root', 'GET', path)).body.protocol).toBe('mqtt');
  });

  test('removes no others that come at the same time', async () => {
    const { ask } = await startWithRule({ settings: ['rate'] });
    const lost: number[] = [];
    for (let round = 0; round < 20; round++) {
      await ask('root', 'PUT', path, { rate: 0 });
      const patching = ask('root', 'PATCH', path, { door: round });
      const puts = Array.from({ length: 5 }, () => ask('guest', 'PUT', path, { rate: round }));
      await Promise.all([patching, ...puts]);
      const { body } = await ask('root', 'GET', path);
      if (body.desired.settings.door !== round) lost.push(round);
    }
    expect(lost).toEqual([]);
  });
});
