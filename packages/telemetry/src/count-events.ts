import { commandStates, type LifecycleEvent } from '@preservarium/core';
import { pusher } from './attributes.js';
import { getMeter } from './instrumentation.js';

/** Counts the steps of commands by the state that each leads to; for `onEvent` of a connector. */
export function countEvents(protocol: string): (event: LifecycleEvent) => void {
  const events = getMeter().createCounter('pusher.command.events', {
    description: 'Steps of commands, by the state that they lead to.',
    unit: '{event}',
  });
  const attributes = Object.fromEntries(
    commandStates.map((state) => [state, { [pusher.protocol]: protocol, [pusher.state]: state }]),
  );
  // A series that is there from the start shows the first dead letter as an increase.
  for (const ofState of Object.values(attributes)) events.add(0, ofState);
  return ({ state }) => events.add(1, attributes[state]);
}
