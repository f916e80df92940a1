import { printable } from '@preservarium/command-line';
import type { LifecycleEvent } from '@preservarium/core';

/** An event as one line for people. */
export function formatEvent(event: LifecycleEvent): string {
  const { timestamp, deviceId, requestId, commandType = '-', state } = event;
  return [timestamp.toISOString(), printable(deviceId), printable(requestId), printable(commandType), state]
    .concat(detailsOf(event))
    .join('  ');
}

/** What an event, or a lifecycle, says of its state. */
export function detailsOf({
  evidence,
  reason,
  result,
}: Pick<LifecycleEvent, 'evidence' | 'reason' | 'result'>): string[] {
  return [
    evidence === undefined ? [] : `(${evidence})`,
    reason === undefined ? [] : printable(reason),
    result === undefined ? [] : printable(JSON.stringify(result)),
  ].flat();
}
