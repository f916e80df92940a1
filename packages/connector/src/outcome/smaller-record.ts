import { headerText, type PublishRecord } from '@preservarium/backend';
import { decodeLifecycleEvent, encodeLifecycleEvent } from '@preservarium/core';
import { withoutOriginal } from '@preservarium/dead-letters';

const maxReasonCharacters = 1_000;

/**
 * Returns what to write in place of a record that Kafka refuses for its size: a lifecycle event without its result, a dead letter
 * without its original. Returns undefined for a record that has nothing to leave out.
 */
export function smallerRecord(record: PublishRecord): PublishRecord | undefined {
  const type = record.headers && headerText(record.headers, 'record-type');
  if (type === 'dead-letter') return withoutOriginal(record);
  return type === undefined ? withoutResult(record) : undefined;
}

function withoutResult(record: PublishRecord): PublishRecord | undefined {
  const decoded = decodeLifecycleEvent(record.value);
  if (!decoded.ok || decoded.event.result === undefined) return undefined;
  const { result: _, reason = '', ...event } = decoded.event;
  const note = `the result was left out: the event had ${record.value.length} bytes, more than Kafka takes`;
  const said = reason === '' ? note : `${note}; ${reason.slice(0, maxReasonCharacters)}`;
  return { ...record, value: encodeLifecycleEvent({ ...event, reason: said }) };
}
