import {
  type CommandState,
  type Evidence,
  encodeLifecycleEvent,
  type Lifecycle,
  type LifecycleEvent,
} from '@preservarium/core';
import { isFinal } from './final-states.js';

const evidenceRank: Readonly<Record<Evidence, number>> = { broker: 1, gateway: 2, device: 3, executed: 4 };

/**
 * What is known of a command after one more event. The same events give the same lifecycle in whatever order and however
 * often they come:
 *
 * 1. One event of each state is kept. Of `dispatched` and `waiting`, which a command may be in again and again, the latest;
 *    of `delivered`, the one with the strongest evidence; then, and of all others, the earliest.
 * 2. The command is in the final state that it came into first, by the events' own time. Final states are succeeded, failed,
 *    rejected, expired, superseded, cancelled and dead.
 * 3. Without a final state it is `delivered` if it ever was; else `dispatched` or `waiting`, whichever was later; else
 *    `published`.
 *
 * @param lifecycle what was known before; undefined at the first event
 * @returns `lifecycle` itself when the event changes nothing
 */
export function merge(lifecycle: Lifecycle | undefined, event: LifecycleEvent): Lifecycle {
  if (lifecycle === undefined) return lifecycleOf([event]);
  if (lifecycle.requestId !== event.requestId || lifecycle.deviceId !== event.deviceId) {
    throw new RangeError(`an event of ${event.requestId} is not one of ${lifecycle.requestId}`);
  }
  const known = lifecycle.events.find(({ state }) => state === event.state);
  if (known === undefined) return lifecycleOf([...lifecycle.events, event]);
  if (!isBetter(event, known)) return lifecycle;
  return lifecycleOf(lifecycle.events.map((kept) => (kept === known ? event : kept)));
}

/** Whether an event is kept instead of another one of the same state. */
function isBetter(event: LifecycleEvent, known: LifecycleEvent): boolean {
  if (event.state === 'dispatched' || event.state === 'waiting') return compareTimes(event, known) > 0;
  if (event.state === 'delivered') {
    const stronger = strength(event) - strength(known);
    if (stronger !== 0) return stronger > 0;
  }
  return compareTimes(event, known) < 0;
}

function lifecycleOf(kept: readonly LifecycleEvent[]): Lifecycle {
  const events = kept.toSorted(compareTimes);
  const current = currentOf(events);
  const delivered = events.find(({ state }) => state === 'delivered');
  return {
    requestId: current.requestId,
    deviceId: current.deviceId,
    commandType: events.find(({ commandType }) => commandType !== undefined)?.commandType,
    protocol: events.find(({ protocol }) => protocol !== undefined)?.protocol,
    state: current.state,
    isFinal: isFinal(current.state),
    timestamp: current.timestamp,
    evidence: current.evidence,
    reason: current.reason,
    result: current.result ?? delivered?.result,
    events,
  };
}

/** @param events at least one, the oldest first */
function currentOf(events: readonly LifecycleEvent[]): LifecycleEvent {
  const latestOf = (...states: CommandState[]) => events.findLast(({ state }) => states.includes(state));
  return (events.find(({ state }) => isFinal(state)) ??
    latestOf('delivered') ??
    latestOf('dispatched', 'waiting') ??
    events[0]) as LifecycleEvent;
}

function strength({ evidence }: LifecycleEvent): number {
  return evidence === undefined ? 0 : evidenceRank[evidence];
}

/** Earlier first. Whatever two events differ in, one of them comes first, so that their order never depends on chance. */
function compareTimes(a: LifecycleEvent, b: LifecycleEvent): number {
  return (
    a.timestamp.getTime() - b.timestamp.getTime() ||
    (a.attempt ?? 0) - (b.attempt ?? 0) ||
    Buffer.compare(encodeLifecycleEvent(a), encodeLifecycleEvent(b))
  );
}
