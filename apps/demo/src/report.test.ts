import type { ConsumedRecord } from '@preservarium/backend';
import { ValidationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import type { BoardRow } from './board.js';
import type { DemoPush } from './demo-push.js';
import { findFailures, renderReport } from './report.js';

const push: DemoPush = { name: 'lock', deviceId: 'door-7', push: async () => ({ topic: 'commands' }) };
const row = (state: 'delivered' | 'waiting'): BoardRow => ({
  push,
  pushedWith: 'kafkajs',
  ends: { state: 'delivered' },
  steps: [{ state, evidence: [] }],
});
const record = (partition: number): ConsumedRecord => ({
  topic: 'commands',
  partition,
  offset: 0,
  timestampMs: 0,
  key: null,
  value: null,
  headers: [],
});
const refusal = {
  backend: 'kafkajs',
  error: new ValidationError('command', [{ path: 'topic', message: 'must have no wildcards' }]),
};

const asItShould = {
  rows: [row('delivered')],
  readBack: [
    { push, pushedWith: 'kafkajs', record: record(3) },
    { push, pushedWith: 'rdkafka', record: record(3) },
  ],
  refusals: [refusal],
  settings: {
    deviceId: 'heater-2',
    pushedWith: 'kafkajs',
    changes: [{ target: 19 }, { target: 21 }],
    sent: [{ target: 21 }],
    reported: { target: 21 },
  },
};

test('nothing fails where all is as it should be', () => {
  expect(findFailures(asItShould)).toEqual([]);
});

test('each failure is named', () => {
  const outcome = {
    rows: [row('waiting')],
    readBack: [
      { push, pushedWith: 'kafkajs', record: record(3) },
      { push, pushedWith: 'rdkafka', record: record(4) },
      { push, pushedWith: 'memory', record: undefined },
    ],
    refusals: [{ backend: 'kafkajs' }],
    settings: { ...asItShould.settings, sent: [{ target: 19 }, { target: 21 }] },
  };
  expect(findFailures(outcome)).toEqual([
    'heater-2 was sent [{"target":19},{"target":21}] instead of the last change alone',
    'lock for door-7, pushed with kafkajs, should be delivered, but is waiting',
    'lock for door-7, pushed with memory, is not in Kafka',
    'door-7 is on several partitions: 3, 4',
    'kafkajs pushed a command that its device does not support; the service must refuse it',
  ]);
});

test('the report says what changed, what was sent and what the device has', () => {
  const lines = renderReport(asItShould).split('\n');
  expect(lines).toContain('heater-2  kafkajs  {"target":19} → {"target":21}  {"target":21}  {"target":21}');
});

test('the report has a column of partitions for each backend', () => {
  const lines = renderReport(asItShould).split('\n');
  expect(lines).toContain('pushed  device  with kafkajs  with rdkafka');
  expect(lines).toContain('lock    door-7             3             3');
  expect(lines.at(-2)).toBe(
    'Refused by kafkajs: VALIDATION_FAILED, invalid command: topic: must have no wildcards.',
  );
});
