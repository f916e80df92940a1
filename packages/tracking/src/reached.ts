import { type CommandState, commandStates, type Lifecycle } from '@preservarium/core';
import { isFinal } from './final-states.js';
import { currentLife } from './lives.js';
import { countedEvents } from './proof.js';

/** States that `pushAndWait` can wait for. */
export type AwaitedState = 'published' | 'dispatched' | 'delivered' | 'succeeded';

/** A later state counts too. A command that failed was executed, and so delivered. */
const satisfiedBy: Readonly<Record<AwaitedState, readonly CommandState[]>> = {
  // Every state implies that Kafka has the command.
  published: commandStates,
  dispatched: ['dispatched', 'delivered', 'succeeded', 'failed'],
  delivered: ['delivered', 'succeeded', 'failed'],
  succeeded: ['succeeded'],
};

/** Returns whether the command is in the state or a later one, or was in it before another final state. */
export function hasReached({ state, events }: Lifecycle, awaited: AwaitedState): boolean {
  const satisfying = satisfiedBy[awaited];
  return (
    satisfying.includes(state) ||
    countedEvents(currentLife(events)).some(
      (event) => !isFinal(event.state) && satisfying.includes(event.state),
    )
  );
}
