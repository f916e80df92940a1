import type { CommandState, LifecycleEvent } from '@preservarium/core';

const startMs = Date.UTC(2026, 0, 1);

/** The time of so many seconds after a fixed one. */
export const at = (second: number): Date => new Date(startMs + second * 1_000);

export interface GivenEvent extends Partial<Omit<LifecycleEvent, 'timestamp' | 'state'>> {
  /** When it happened, as `at` counts. Default 0. */
  readonly second?: number;
}

/** A command of device `d1`, unless told otherwise. */
export const idOf = (requestId: string, deviceId = 'd1') => ({ deviceId, requestId });

/** An event of command `r1` of device `d1`, unless told otherwise. */
export function storedEvent(state: CommandState, { second = 0, ...rest }: GivenEvent = {}): LifecycleEvent {
  return { requestId: 'r1', deviceId: 'd1', state, timestamp: at(second), ...rest };
}
