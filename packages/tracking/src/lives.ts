import type { CommandState, LifecycleEvent } from '@preservarium/core';
import { isOfDevice } from './claims.js';

/** Lives of a command that its history keeps; older ones are dropped. */
const maxLives = 10;

/** Returns the events of the newest lives of a command, up to a limit. */
export function newestLives(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const lives = [...new Set(events.map(lifeOf))].toSorted((a, b) => b - a).slice(0, maxLives);
  return events.filter((event) => lives.includes(lifeOf(event)));
}

/** Returns true for events of one life and state, of which one is kept. */
export function areOfOneStep(one: LifecycleEvent, other: LifecycleEvent): boolean {
  return one.state === other.state && lifeOf(one) === lifeOf(other);
}

/**
 * Returns the events of the current life of a command: that since its last redrive, unless that one joined an earlier life. An answer that names no life is
 * one of this life if the device gave it since then.
 */
export function currentLife(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  if (events.every((event) => lifeOf(event) === firstLife)) return events;
  const lives = Map.groupBy(events, lifeOf);
  const own = [...lives].filter(([, life]) => !hasJoined(life)).map(([begunMs]) => begunMs);
  const begunMs = Math.max(...(own.length > 0 ? own : lives.keys()));
  return events.filter(
    (event) =>
      lifeOf(event) === begunMs ||
      (namesNoLife(event) && event.timestamp.getTime() >= begunMs) ||
      (own.length > 0 && lifeOf(event) > begunMs && isJoining(event) && event.state === 'waiting'),
  );
}

/** Returns true for a redrive that a connector passed over, because an earlier life of the command was delivered or waits. */
function hasJoined(life: readonly LifecycleEvent[]): boolean {
  return life.some(isJoining) && life.every((event) => isJoining(event) || passedBefore.has(event.state));
}

/** A redrive waits behind its earlier life, so that its command waits; or it is superseded by one that was delivered. */
function isJoining({ requestId, behind }: LifecycleEvent): boolean {
  return behind === requestId;
}

/** States that a redrive may have been in when it joins an earlier life. */
const passedBefore: ReadonlySet<CommandState> = new Set(['published', 'waiting']);

/** Returns true for an answer that a connector wrote that did not know the command: it may be of any life. */
export function namesNoLife(event: LifecycleEvent): boolean {
  return isOfDevice(event) && event.redrivenAt === undefined && event.attempt === undefined;
}

const firstLife = Number.NEGATIVE_INFINITY;

function lifeOf({ redrivenAt }: LifecycleEvent): number {
  return redrivenAt?.getTime() ?? firstLife;
}
