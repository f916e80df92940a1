import { printable } from '@preservarium/command-line';
import type { LifecycleEvent } from '@preservarium/core';

/** Returns an event as one line of text. */
export function formatEvent(event: LifecycleEvent): string {
  const { timestamp, deviceId, requestId, commandType = '-', state } = event;
  return [timestamp.toISOString(), printable(deviceId), printable(requestId), printable(commandType), state]
    .concat(detailsOf(event))
    .join('  ');
}

/** Returns evidence, reason and result of a state. */
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
