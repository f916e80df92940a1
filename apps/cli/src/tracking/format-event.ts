import { printable } from '@preservarium/command-line';
import { exactNumbers, type LifecycleEvent } from '@preservarium/core';

/** Returns an event as one line of text. */
export function formatEvent(event: LifecycleEvent): string {
  const { timestamp, deviceId, requestId, commandType = '-', state } = event;
  return [timestamp.toISOString(), printable(deviceId), printable(requestId), printable(commandType), state]
    .concat(detailsOf(event))
    .join('  ');
}

/** Returns evidence, reason, result and, of a command that waits, what it waits for. */
export function detailsOf({
  evidence,
  reason,
  result,
  behind,
  nextAttemptAt,
  redrivenAt,
}: Omit<Partial<LifecycleEvent>, 'state'>): string[] {
  return [
    evidence === undefined ? [] : `(${evidence})`,
    reason === undefined ? [] : printable(reason),
    result === undefined ? [] : printable(JSON.stringify(exactNumbers(result))),
    behind === undefined ? [] : `behind ${printable(behind)}`,
    nextAttemptAt === undefined ? [] : `next attempt ${nextAttemptAt.toISOString()}`,
    redrivenAt === undefined ? [] : 'redriven',
  ].flat();
}
