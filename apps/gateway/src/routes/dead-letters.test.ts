import { createPolicy } from '@preservarium/access';
import { expect, test } from 'vitest';
import {
  type GivenLetter,
  letterRecord,
} from '../../../../packages/dead-letters/test/dead-letter-records.js';
import { createWorld } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';

async function worldWith(letters: readonly GivenLetter[], options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options);
  const records = letters.map((letter) => letterRecord('device_commands_dead', letter));
  for (const record of records) await world.backend.publish([record], { timeoutMs: 5_000 });
  const list = async (query = '') => (await world.ask('GET', `/v1/dead-letters?${query}`)).body;
  return { ...world, list };
}

test('dead letters are listed, the newest first', async () => {
  const { list } = await worldWith([
    { diedAtMs: 1_000, command: { deviceId: 'd1', requestId: 'r1' } },
    { diedAtMs: 2_000, reason: 'poison', key: Buffer.from('d3'), value: Buffer.from('?') },
    { diedAtMs: 3_000, command: { deviceId: 'd2' }, reason: 'rejected' },
  ]);
  const devices = async (query: string) =>
    (await list(query)).dead_letters.map(({ device_id }: { device_id: string }) => device_id);
  expect(await devices('')).toEqual(['d2', 'd3', 'd1']);
  expect(await devices('reason=rejected')).toEqual(['d2']);
  expect(await devices('device=d1&type=set_led')).toEqual(['d1']);
  expect(await devices('since=1970-01-01T00:00:02Z')).toEqual(['d2', 'd3']);
  const {
    dead_letters: [newest],
    cursor,
  } = await list('limit=1');
  expect(await devices(`limit=1&cursor=${cursor}`)).toEqual(['d3']);
  expect(await list('limit=3')).not.toHaveProperty('cursor');
  expect(newest).toMatchObject({
    reason: 'rejected',
    command_type: 'set_led',
    attempts: 5,
    sent_again: false,
  });
  expect(await list('cursor=x')).toMatchObject({ status: 400, issues: [{ path: 'cursor' }] });
  expect((await list('device=d1')).dead_letters).toMatchObject([
    { request_id: 'r1', died_at: '1970-01-01T00:00:01.000Z' },
  ]);
});

test('a dead letter has its original record, byte for byte', async () => {
  const headers: [string, Buffer | null][] = [
    ['trace', Buffer.from('t')],
    ['none', null],
    ['odd', Buffer.from([0xff])],
  ];
  const { ask, list } = await worldWith([
    { reason: 'poison', key: Buffer.from('d3'), value: Buffer.from([0xc3]), headers },
  ]);
  const { position } = (await list()).dead_letters[0];
  expect(await ask('GET', `/v1/dead-letters/${position}`)).toMatchObject({
    status: 200,
    body: {
      position,
      redrive: expect.stringContaining('has no readable command'),
      key: { base64: 'ZDM=', text: 'd3' },
      value: { base64: 'ww==', text: null },
      headers: [
        { name: 'trace', value: { base64: 'dA==', text: 't' } },
        { name: 'none', value: null },
        { name: 'odd', value: { base64: '/w==', text: null } },
      ],
    },
  });
  expect(await ask('GET', '/v1/dead-letters/x')).toMatchObject({ status: 400 });
  expect(await ask('GET', '/v1/dead-letters/0:99')).toMatchObject({ status: 404 });
});

test('a dead letter is sent again once, after a dry run that sends nothing', async () => {
  const { ask, list, commands } = await worldWith([{ command: { deviceId: 'd1', requestId: 'r1' } }]);
  const { position } = (await list()).dead_letters[0];
  const dry = await ask('POST', `/v1/dead-letters/${position}:redrive?dry_run=true`);
  expect(dry).toMatchObject({ status: 200, body: { position, outcome: 'sendable', request_id: 'r1' } });
  expect(commands()).toEqual([]);
  const answers = await Promise.all([1, 2].map(() => ask('POST', `/v1/dead-letters/${position}:redrive`)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 200)?.body).toMatchObject({ outcome: 'sent' });
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
    code: 'REDRIVE_REFUSED',
    retryable: false,
  });
  expect(commands()).toMatchObject([{ request_id: 'r1' }]);
  expect((await list()).dead_letters).toEqual([]);
  expect((await list('sent_again=true')).dead_letters).toMatchObject([{ sent_again: true }]);
});

test.each([
  ['x', 400],
  ['0:99', 404],
])('the position %s answers %i', async (position, status) => {
  const { ask } = await worldWith([{}]);
  expect(await ask('POST', `/v1/dead-letters/${position}:redrive`)).toMatchObject({ status });
});

test('the policy says who sees and who sends again', async () => {
  const rules = [
    { name: 'all', subjects: [{ key: '*' }], actions: ['read'], devices: { prefixes: ['d'] } },
    { name: 'one', subjects: [{ key: '*' }], actions: ['redrive'], devices: { ids: ['d1'] } },
  ];
  const authorizer = createAuthorizer(createPolicy({ rules }));
  const letters = ['d1', 'd2', 'e1'].map((deviceId) => ({ command: { deviceId } }));
  const { ask, list, commands, backend } = await worldWith(letters, { parts: { authorizer } });
  const { dead_letters } = await list();
  expect(dead_letters.map(({ device_id }: { device_id: string }) => device_id).toSorted()).toEqual([
    'd1',
    'd2',
  ]);
  const statuses: [string, number][] = [];
  for (const { device_id, position } of dead_letters) {
    for (const query of ['?dry_run=true', '']) {
      statuses.push([device_id, (await ask('POST', `/v1/dead-letters/${position}:redrive${query}`)).status]);
    }
  }
  expect(statuses.toSorted()).toEqual([
    ['d1', 200],
    ['d1', 200],
    ['d2', 403],
    ['d2', 403],
  ]);
  expect(commands()).toMatchObject([{ device_id: 'd1' }]);
  const places = backend
    .records('device_commands_dead')
    .map(({ partition, offset }) => `${partition}:${offset}`);
  const seen = dead_letters.map(({ position }: { position: string }) => position);
  const hidden = places.filter((place) => !seen.includes(place));
  expect(hidden).not.toEqual([]);
  for (const place of hidden) {
    expect((await ask('GET', `/v1/dead-letters/${place}`)).status).toBe(404);
    for (const query of ['?dry_run=true', '']) {
      expect((await ask('POST', `/v1/dead-letters/${place}:redrive${query}`)).status).toBe(404);
    }
  }
});
