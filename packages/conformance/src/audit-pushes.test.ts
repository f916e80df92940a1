import { describe, expect, test } from 'vitest';
import { auditPushes } from './audit-pushes.js';

const acknowledged = (deviceId: string, ...sequences: number[]) =>
  sequences.map((sequence) => ({ deviceId, sequence, acknowledged: true }));
const records = (deviceId: string, ...sequences: number[]) =>
  sequences.map((sequence) => ({ deviceId, sequence }));

describe('auditPushes', () => {
  test('finds nothing wrong where every push is in the topic once and in order', () => {
    const pushes = [...acknowledged('a', 0, 1, 2), ...acknowledged('b', 0, 1)];
    const log = [...records('b', 0), ...records('a', 0, 1), ...records('b', 1), ...records('a', 2)];
    expect(auditPushes(pushes, log)).toEqual({ acknowledged: 5, missing: 0, repeated: 0, outOfOrder: 0 });
  });

  test('counts what was acknowledged and is not there, for each device by itself', () => {
    const pushes = [...acknowledged('a', 0, 1, 2), ...acknowledged('b', 1)];
    expect(auditPushes(pushes, records('a', 0, 2))).toMatchObject({ acknowledged: 4, missing: 2 });
  });

  test('does not miss records that were not acknowledged, and accepts them if they are present', () => {
    const pushes = [...acknowledged('a', 0), { deviceId: 'a', sequence: 1, acknowledged: false }];
    const expected = { acknowledged: 1, missing: 0, repeated: 0, outOfOrder: 0 };
    expect(auditPushes(pushes, records('a', 0))).toEqual(expected);
    expect(auditPushes(pushes, records('a', 1, 0))).toEqual(expected);
  });

  test('counts each repeat, and does not take a repeat for disorder', () => {
    const audit = auditPushes(acknowledged('a', 0, 1, 2), records('a', 0, 1, 0, 1, 2, 2));
    expect(audit).toEqual({ acknowledged: 3, missing: 0, repeated: 3, outOfOrder: 0 });
  });

  test('counts each record that comes after a later one of its device', () => {
    const pushes = [...acknowledged('a', 0, 1, 2, 3), ...acknowledged('b', 0)];
    const log = [...records('a', 2, 0, 1), ...records('b', 0), ...records('a', 3)];
    expect(auditPushes(pushes, log)).toEqual({ acknowledged: 5, missing: 0, repeated: 0, outOfOrder: 2 });
  });
});
