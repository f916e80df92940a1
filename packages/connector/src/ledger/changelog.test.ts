import { type ConsumedRecord, type PublishRecord, textHeaders } from '@preservarium/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deferredRecord, doneRecord, readChangelogRecord } from './changelog.js';

const count = fc.maxSafeNat();
const bytes = fc.uint8Array().map((content) => Buffer.from(content));
const place = fc.record({
  waitingTopic: fc.constant('waiting'),
  partition: fc.nat(100),
  groupId: fc.string({ unit: 'binary' }),
  claimId: fc.uuid(),
});
const command: fc.Arbitrary<ConsumedRecord> = fc.record({
  topic: fc.string({ unit: 'binary' }),
  partition: fc.nat(100),
  offset: count,
  timestampMs: count,
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string(), fc.option(bytes, { nil: null }))),
});

test('a deferred command is read as it was written', () => {
  fc.assert(
    fc.property(place, command, count, count, count, fc.boolean(), (...given) => {
      const [where, record, started, answered, sinceMs, mayBeRepeat] = given;
      const attempts = { started, answered, sent: mayBeRepeat };
      const deferred = { record, attempts, sinceMs, mayBeRepeat };
      const { groupId, claimId } = where;
      expect(readChangelogRecord(consumed(deferredRecord(where, deferred, 'device')))).toEqual({
        type: 'deferred',
        groupId,
        claimId,
        deferred,
      });
    }),
  );
});

test('the end of a deferred command is read as it was written', () => {
  fc.assert(
    fc.property(place, command, (where, { topic, partition, offset }) => {
      const { groupId, claimId } = where;
      const source = { topic, partition, offset };
      const read = readChangelogRecord(consumed(doneRecord(where, source)));
      expect(read).toEqual({ type: 'done', groupId, claimId, source });
    }),
  );
});

test.each([
  ['no list', undefined],
  ['text', 'group'],
  ['an object', '{"groupId":"g"}'],
  ['a list that is too short', '["g","c","commands",0,7]'],
  ['a negative offset', '["g","c","commands",0,-1,0,0,0,0,false]'],
  ['a broken number', '["g","c","commands",0,7,0.5,0,0,0,false]'],
  ['a number as text', '["g","c","commands",0,"7",0,0,0,0,false]'],
  ['another flag', '["g","c","commands",0,7,0,0,0,0,1]'],
])('a deferred command with %s is no entry', (_, ledger) => {
  const headers = textHeaders({ 'record-type': 'deferred', ...(ledger !== undefined && { ledger }) });
  const read = readChangelogRecord(consumed({ topic: 'waiting', key: 'd', value: Buffer.alloc(0), headers }));
  expect(read).toEqual({ type: 'unknown', reason: 'the deferred command is incomplete' });
});

function consumed({ topic, key, value, headers = [] }: PublishRecord): ConsumedRecord {
  return { topic, partition: 0, offset: 0, timestampMs: 0, key: Buffer.from(key), value, headers };
}
