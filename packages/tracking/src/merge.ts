import {
  type CommandState,
  type Evidence,
  encodeLifecycleEvent,
  type Lifecycle,
  type LifecycleEvent,
} from '@preservarium/core';
import { claimRank } from './claims.js';
import { isFinal } from './final-states.js';
import { areOfOneStep, currentLife, namesNoLife, newestLives } from './lives.js';
import { countedEvents } from './proof.js';

const evidenceRank: Readonly<Record<Evidence, number>> = { broker: 1, gateway: 2, device: 3, executed: 4 };

/**
 * Returns the lifecycle of a command after one more event. The same events give the same lifecycle in any order and with any repetitions:
 *
 * 1. A redrive begins a new life. The state is that of the current life; the events of the ten newest lives are kept. An answer of the device that
 *    names no life counts in the current one if the device gave it since the redrive. A redrive that joined an earlier life (an event that is `behind` its
 *    own request id) begins none: its `waiting` counts in the earlier one.
 * 2. One event of each state in a life is kept: of `dispatched` and `waiting`, which may occur many times, the latest; of `delivered` the one with
 *    the strongest evidence; otherwise the earliest. Of several owners of the partition, that of the newest claim goes before. Of answers that name no
 *    life, the latest is kept, too: it may be that of a later life.
 * 3. An answer of the device (evidence `device` or `executed`) counts only if the command was dispatched: see `isProven`. It counts under any claim; any
 *    other event under an older claim (`claimEpoch`) does not count.
 * 4. The state is the first final state, by the time of the events. Final states are succeeded, failed, rejected, expired,
 *    superseded, cancelled and dead.
 * 5. Without a final state it is `delivered` if there is such an event, unless it has the evidence `gateway` and a later `waiting` follows: then the
 *    command is `waiting` for the answer of its device. Else it is the later of `dispatched` and `waiting`; else `published`.
 *
 * @param lifecycle the lifecycle before; undefined at the first event
 * @returns `lifecycle` itself if the event changes nothing
 */
export function merge(lifecycle: Lifecycle | undefined, event: LifecycleEvent): Lifecycle {
  if (lifecycle === undefined) return lifecycleOf([event]);
  if (lifecycle.requestId !== event.requestId || lifecycle.deviceId !== event.deviceId) {
    throw new RangeError(`an event of ${event.requestId} is not one of ${lifecycle.requestId}`);
  }
  const rivals = lifecycle.events.filter((kept) => areOfOneStep(kept, event));
  const kept = keptOf([...rivals, event]);
  if (!kept.includes(event)) return lifecycle;
  return lifecycleOf([...lifecycle.events.filter((known) => !rivals.includes(known)), ...kept]);
}

/** @param step events of one life and state, at least one */
function keptOf(step: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const best = bestOf(step);
  // Of equal events the first, here as in bestOf: a repeated event is no second one.
  const latest = step
    .filter(namesNoLife)
    .reduce<LifecycleEvent | undefined>(
      (known, event) => (known === undefined || compareTimes(event, known) > 0 ? event : known),
      undefined,
    );
  return latest === undefined || latest === best ? [best] : [best, latest];
}

function bestOf(step: readonly LifecycleEvent[]): LifecycleEvent {
  return step.reduce((known, event) => (isBetter(event, known) ? event : known));
}

/** Returns whether an event replaces another one of the same state. */
function isBetter(event: LifecycleEvent, known: LifecycleEvent): boolean {
  if (event.state === 'delivered') {
    const stronger = strength(event) - strength(known);
    if (stronger !== 0) return stronger > 0;
  }
  const [rank, knownRank] = [claimRank(event), claimRank(known)];
  if (rank !== knownRank) return rank > knownRank;
  const isLatestKept = event.state === 'dispatched' || event.state === 'waiting';
  return isLatestKept ? compareTimes(event, known) > 0 : compareTimes(event, known) < 0;
}

function lifecycleOf(kept: readonly LifecycleEvent[]): Lifecycle {
  const events = newestLives(kept.toSorted(compareTimes));
  const life = currentLife(events);
  const counted = oneOfEachState(countedEvents(life));
  const current = currentOf(counted) ?? unproven(life);
  const delivered = counted.find(({ state }) => state === 'delivered');
  return {
    requestId: current.requestId,
    deviceId: current.deviceId,
    commandType: events.find(({ commandType }) => commandType !== undefined)?.commandType,
    protocol: events.find(({ protocol }) => protocol !== undefined)?.protocol,
    issuedBy: events.find(({ issuedBy }) => issuedBy !== undefined)?.issuedBy,
    state: current.state,
    isFinal: isFinal(current.state),
    timestamp: current.timestamp,
    evidence: current.evidence,
    reason: current.reason,
    result: current.result ?? delivered?.result,
    nextAttemptAt: current.nextAttemptAt,
    behind: current.behind,
    events,
  };
}

/** @param events the oldest first */
function oneOfEachState(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const best = [...Map.groupBy(events, ({ state }) => state).values()].map(bestOf);
  return events.filter((event) => best.includes(event));
}

/** @param events the oldest first */
function currentOf(events: readonly LifecycleEvent[]): LifecycleEvent | undefined {
  const latestOf = (...states: CommandState[]) => events.findLast(({ state }) => states.includes(state));
  return (
    events.find(({ state }) => isFinal(state)) ??
    unansweredOf(latestOf('delivered'), latestOf('waiting')) ??
    latestOf('delivered') ??
    latestOf('dispatched', 'waiting') ??
    events[0]
  );
}

/** A command that requires an answer of its device waits although a gateway has it. */
function unansweredOf(
  delivered: LifecycleEvent | undefined,
  waiting: LifecycleEvent | undefined,
): LifecycleEvent | undefined {
  if (delivered?.evidence !== 'gateway' || waiting === undefined) return undefined;
  return compareTimes(waiting, delivered) > 0 ? waiting : undefined;
}

/** @param events at least one */
function unproven(events: readonly LifecycleEvent[]): LifecycleEvent {
  const { requestId, deviceId, timestamp } = events[0] as LifecycleEvent;
  return { requestId, deviceId, timestamp, state: 'published' };
}

function strength({ evidence }: LifecycleEvent): number {
  return evidence === undefined ? 0 : evidenceRank[evidence];
}

/** Compares by time, earlier first. Ties are broken by all other fields, so the order never depends on chance. */
function compareTimes(a: LifecycleEvent, b: LifecycleEvent): number {
  return (
    a.timestamp.getTime() - b.timestamp.getTime() ||
    (a.attempt ?? 0) - (b.attempt ?? 0) ||
    Buffer.compare(encodeLifecycleEvent(a), encodeLifecycleEvent(b))
  );
}
