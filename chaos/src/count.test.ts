import type { RequiredEvidence } from '@preservarium/core';
import { expect, test } from 'vitest';
import { countCases } from './count.js';
import type { Evidence, WrittenEvent } from './evidence.js';
import { requestIdOf } from './lives.js';

type Executed = readonly [requestId: string, atMs: number, mark?: 'marked'];

type Told = readonly [state: WrittenEvent['state'], atMs: number, note?: 'may be executed' | 'joins'];

interface Run {
  readonly executed?: readonly Executed[];
  readonly events?: Readonly<Record<string, readonly Told[]>>;
  readonly expiresAtMs?: number;
  readonly acknowledged?: readonly string[];
  /** False: messages do not say where their commands are in Kafka. */
  readonly withSequence?: boolean;
  readonly requiredEvidence?: RequiredEvidence;
  readonly isDeviceSideBroken?: boolean;
  /** Lives of the commands. Default: `a`, `b` and `c`. */
  readonly ids?: readonly string[];
}

/** The commands of one device, in this order, and their outcomes. */
function countsOf({
  executed = [],
  events = {},
  expiresAtMs,
  acknowledged = [],
  withSequence = true,
  requiredEvidence = 'gateway',
  isDeviceSideBroken = false,
  ids = ['a', 'b', 'c'],
}: Run) {
  const evidence: Evidence = {
    acknowledged: new Set(acknowledged),
    commands: new Map(
      ids.map((requestId, offset) => [
        requestId,
        {
          requestId,
          deviceId: 'lamp',
          partition: 0,
          offset,
          writtenAtMs: offset,
          expiresAtMs,
          requiredEvidence,
        },
      ]),
    ),
    duplicates: 0,
    redriven: 0,
    events: new Map(
      Object.entries(events).map(([requestId, ofCommand]) => [
        requestId,
        ofCommand.map(([state, atMs, note]) => ({
          state,
          atMs,
          attempt: 1,
          mayBeRepeat: false,
          mayBeExecuted: note === 'may be executed',
          reason: undefined,
          behind: note === 'joins' ? requestIdOf(requestId) : undefined,
        })),
      ]),
    ),
    deadLetters: 0,
    executions: executed.map(([requestId, atMs, mark]) => ({
      requestId,
      deviceId: 'lamp',
      atMs,
      mayBeRepeat: mark === 'marked',
      sequence: withSequence ? `0:${ids.indexOf(requestId)}` : undefined,
    })),
  };
  return countCases(evidence, { isDeviceSideBroken });
}

function casesOf(run: Run) {
  return Object.fromEntries(
    countsOf(run).flatMap(({ what, cases }) => (cases.length === 0 ? [] : [[what, cases]])),
  );
}

const all: readonly Executed[] = [
  ['a', 1],
  ['b', 2],
  ['c', 3],
];

test('counts nothing where each command was executed once, in order', () => {
  expect(casesOf({ executed: all, acknowledged: ['a', 'b', 'c'] })).toEqual({});
});

test('counts a command that Kafka acknowledged and does not have', () => {
  expect(casesOf({ executed: all, acknowledged: ['gone'] })).toEqual({
    'acknowledged by Kafka, not in the topic': ['gone'],
    'acknowledged by Kafka, neither executed nor ended': ['gone'],
  });
});

test('counts a command that was neither executed nor ended', () => {
  const executed = all.slice(0, 1);
  expect(casesOf({ executed, events: { b: [['superseded', 2]], c: [['delivered', 3]] } })).toEqual({
    'acknowledged by Kafka, neither executed nor ended': ['c'],
  });
});

test('counts a redrive that says nothing, whatever became of the others', () => {
  const ids = ['a', 'a redriven 1', 'a redriven 2'];
  const dead = { a: [['dead', 1]] } as const;
  const executed = [['a redriven 1', 2, 'marked']] as const;
  expect(casesOf({ ids, executed, events: dead })).toEqual({
    'acknowledged by Kafka, neither executed nor ended': ['a redriven 2'],
  });
});

test('counts no redrive that joined an earlier life if that was executed or ended later', () => {
  const ids = ['a', 'a redriven 1', 'a redriven 2'];
  const joined = { a: [['dead', 1]], 'a redriven 2': [['waiting', 3, 'joins']] } as const;
  expect(casesOf({ ids, executed: [['a redriven 1', 2, 'marked']], events: joined })).toEqual({});
  const expired = { ...joined, 'a redriven 1': [['expired', 4]] } as const;
  expect(casesOf({ ids, events: expired })).toEqual({});
  const expiredBefore = { ...joined, 'a redriven 1': [['expired', 2]] } as const;
  expect(casesOf({ ids, events: expiredBefore })).toEqual({
    'acknowledged by Kafka, neither executed nor ended': ['a redriven 2'],
  });
  const ofDelivered = { a: [['dead', 1]], 'a redriven 1': [['superseded', 3, 'joins']] } as const;
  expect(casesOf({ ids: ids.slice(0, 2), executed: [['a', 1]], events: ofDelivered })).toEqual({});
});

test('counts no redrive of a command that was executed in an earlier life, and whose device said so after the redrive', () => {
  const ids = ['b', 'a', 'a redriven 1'];
  const executed = [
    ['b', 0],
    ['a', 1],
  ] as const;
  const told = (atMs: number) => ({ a: [['dead', 1] as const, ['succeeded', atMs] as const] });
  expect(casesOf({ ids, events: told(2), executed })).toEqual({});
  expect(casesOf({ ids, events: told(1), executed })).toEqual({
    'acknowledged by Kafka, neither executed nor ended': ['a redriven 1'],
  });
});

test('counts apart a command that the MQTT broker acknowledged and let expire', () => {
  const events = { c: [['delivered', 3]] } as const;
  expect(casesOf({ executed: all.slice(0, 2), events, expiresAtMs: 10 })).toEqual({
    'left to the MQTT broker, where it expired': ['c'],
  });
});

test('counts an older command after a newer one, by its mark', () => {
  const executed: readonly Executed[] = [
    ['b', 1],
    ['a', 2],
    ['c', 3],
  ];
  expect(casesOf({ executed })).toEqual({ 'older after newer, without a mark': ['a'] });
  expect(casesOf({ executed: [...all, ['a', 4, 'marked']] })).toEqual({
    'older after newer, with a mark': ['a'],
    'executed again, with a mark': ['a'],
  });
});

test('counts nothing older where devices refuse a lower sequence, if messages have one', () => {
  const executed: readonly Executed[] = [
    ['b', 1],
    ['a', 2],
    ['c', 3],
  ];
  expect(casesOf({ executed, withSequence: false })).toMatchObject({
    'older after newer, where devices refuse a lower sequence': ['a'],
  });
});

test('counts a command that was executed again without a mark', () => {
  expect(casesOf({ executed: [...all, ['c', 4]] })).toEqual({ 'executed again, without a mark': ['c'] });
});

test('counts a command that was executed after its expiry, and apart what the precision of MQTT allows', () => {
  const executed = [...all.slice(0, 2), ['c', 2_000]] as const;
  expect(casesOf({ executed, expiresAtMs: 1 })).toEqual({
    'executed after its expiry, more than a second': ['c'],
    'executed after its expiry, within a second': ['b'],
  });
});

test('counts a command that was executed after its event `cancelled`, unless that says that it may be', () => {
  const events = {
    a: [['cancelled', 0, 'may be executed']],
    b: [['cancelled', 2]],
    c: [['cancelled', 2]],
  } as const;
  expect(casesOf({ executed: all, events })).toEqual({ 'executed after its event `cancelled`': ['c'] });
});

test('a command that requires an answer must not be lost, whatever the device side loses', () => {
  const events = { b: [['superseded', 2]], c: [['delivered', 3]] } as const;
  const lost = { executed: all.slice(0, 1), events, expiresAtMs: 10, isDeviceSideBroken: true };
  expect(casesOf({ ...lost, requiredEvidence: 'device' })).toEqual({
    'the same of those that require an answer': ['c'],
  });
  const isForbidden = (run: Run) =>
    countsOf(run).flatMap((count) => (count.isForbidden && count.cases.length > 0 ? count.what : []));
  expect(isForbidden({ ...lost, requiredEvidence: 'executed' })).toHaveLength(1);
  expect(isForbidden(lost)).toEqual([]);
});

test('counts a command that its device says to have executed, and has not', () => {
  expect(
    casesOf({ executed: all.slice(0, 2), events: { c: [['succeeded', 3]], b: [['succeeded', 2]] } }),
  ).toMatchObject({
    '`succeeded`, not executed': ['c'],
  });
});
