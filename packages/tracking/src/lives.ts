import type { LifecycleEvent } from '@preservarium/core';
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
 * Returns the events of the current life of a command: that since its last redrive. An answer that names no life is one of this life if the device gave
 * it since then.
 */
export function currentLife(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const begunMs = events.reduce((newest, event) => Math.max(newest, lifeOf(event)), firstLife);
  if (begunMs === firstLife) return events;
  return events.filter(
    (event) => lifeOf(event) === begunMs || (namesNoLife(event) && event.timestamp.getTime() >= begunMs),
  );
}

/** Returns true for an answer that a connector wrote that did not know the command: it may be of any life. */
export function namesNoLife(event: LifecycleEvent): boolean {
  return isOfDevice(event) && event.redrivenAt === undefined && event.attempt === undefined;
}

const firstLife = Number.NEGATIVE_INFINITY;

function lifeOf({ redrivenAt }: LifecycleEvent): number {
  return redrivenAt?.getTime() ?? firstLife;
}
