import { createKeyedSet } from '@preservarium/concurrency';
import { CommandFailedError, type Lifecycle } from '@preservarium/core';
import { type CommandId, commandKey } from './command-id.js';
import { type AwaitedState, hasReached } from './reached.js';

interface WaitFor extends CommandId {
  readonly until: AwaitedState;
}

interface Wait extends WaitFor {
  /** The newest lifecycle. */
  lifecycle: Lifecycle | undefined;
  readonly settled: Promise<Lifecycle>;
  isSettled: boolean;
  resolve(lifecycle: Lifecycle): void;
  reject(error: unknown): void;
}

/** The pending calls of `pushAndWait`. */
export interface Waits {
  add(waitFor: WaitFor): Wait;
  remove(wait: Wait): void;
  /** Returns a wait for the command, if there is one. */
  find(command: CommandId): Wait | undefined;
  /** Settles the waits that this lifecycle completes. */
  notify(lifecycle: Lifecycle): void;
  rejectAll(error: unknown): void;
}

export function createWaits(): Waits {
  const waits = createKeyedSet<Wait>();
  return {
    add(waitFor) {
      const { promise: settled, resolve, reject } = Promise.withResolvers<Lifecycle>();
      const wait: Wait = { ...waitFor, lifecycle: undefined, settled, isSettled: false, resolve, reject };
      waits.add(commandKey(waitFor), wait);
      return wait;
    },
    remove: (wait) => waits.remove(commandKey(wait), wait),
    find: (command) => waits.of(commandKey(command))[0],
    notify(lifecycle) {
      for (const wait of waits.of(commandKey(lifecycle))) {
        wait.lifecycle = lifecycle;
        const isReached = hasReached(lifecycle, wait.until);
        wait.isSettled ||= isReached || lifecycle.isFinal;
        if (isReached) wait.resolve(lifecycle);
        else if (lifecycle.isFinal) wait.reject(otherEnd(lifecycle, wait.until));
      }
    },
    rejectAll(error) {
      for (const wait of waits.all()) wait.reject(error);
    },
  };
}

function otherEnd(lifecycle: Lifecycle, until: AwaitedState): CommandFailedError {
  const { requestId, deviceId, state, reason } = lifecycle;
  const why = reason === undefined ? '' : `: ${reason}`;
  return new CommandFailedError(
    `command ${requestId} of ${deviceId} is ${state}, and cannot reach ${until}${why}`,
    { lifecycle },
  );
}
