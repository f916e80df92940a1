import { type CommandState, commandStates, type Lifecycle } from '@preservarium/core';
import { isFinal } from './final-states.js';

/** The states that can be waited for: those on the way to success. */
export type AwaitedState = 'published' | 'dispatched' | 'delivered' | 'succeeded';

/** A later state counts too. A command that failed was executed, and so delivered. */
const satisfiedBy: Readonly<Record<AwaitedState, readonly CommandState[]>> = {
  // Whatever became of it, Kafka had it.
  published: commandStates,
  dispatched: ['dispatched', 'delivered', 'succeeded', 'failed'],
  delivered: ['delivered', 'succeeded', 'failed'],
  succeeded: ['succeeded'],
};

/** Whether the command is in the state, is past it, or was in it before it came to another end. */
export function hasReached({ state, events }: Lifecycle, awaited: AwaitedState): boolean {
  const satisfying = satisfiedBy[awaited];
  return (
    satisfying.includes(state) ||
    events.some((event) => !isFinal(event.state) && satisfying.includes(event.state))
  );
}
