import { settledWithin } from '@preservarium/concurrency';
import type { CommandState, LifecycleEvent } from '@preservarium/core';
import type { DemoPush, ExpectedEnd } from './demo-push.js';
import { hasEnded, type Step, type StepEvent, withEvent } from './lifecycle.js';

/** A push and the steps of its lifecycle. */
export interface BoardRow {
  readonly push: DemoPush;
  /** Name of the backend that pushes it. */
  readonly pushedWith: string;
  readonly ends: ExpectedEnd;
  readonly steps: readonly Step[];
}

export interface Board {
  rows(): readonly BoardRow[];
  /** Notes that the brokers have acknowledged the push. */
  published(push: DemoPush): void;
  /** Notes a lifecycle event; returns whether it is about one of the pushes. */
  take(event: LifecycleEvent): boolean;
  /** Resolves when each push has been in the state or has ended, or after 20 s. */
  reached(pushes: readonly DemoPush[], state?: CommandState): Promise<void>;
}

/** Many times the time that connectors need for all commands of the demo. */
const timeoutMs = 20_000;

/** Creates a board of lifecycles. Calls `onChange` with the changed row after each event. */
export function createBoard(
  pushes: readonly Pick<BoardRow, 'push' | 'pushedWith'>[],
  onChange: (row: BoardRow, event: StepEvent) => void,
): Board {
  let rows = pushes.flatMap(({ push, pushedWith }): BoardRow[] =>
    push.ends === undefined ? [] : [{ push, pushedWith, ends: push.ends, steps: [] }],
  );
  const checks = new Set<() => void>();

  function note(row: BoardRow | undefined, event: StepEvent): boolean {
    if (row === undefined) return false;
    const changed = { ...row, steps: withEvent(row.steps, event) };
    rows = rows.map((other) => (other === row ? changed : other));
    onChange(changed, event);
    for (const check of checks) check();
    return true;
  }

  return {
    rows: () => rows,
    published(push) {
      note(
        rows.find((row) => row.push === push),
        { state: 'published', evidence: 'broker' },
      );
    },
    take(event) {
      return note(
        rows.find(({ push }) => isAbout(push, event)),
        event,
      );
    },
    async reached(awaited, state) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const check = () => {
        const open = rows.filter(
          ({ push, steps, ends }) =>
            awaited.includes(push) && !hasEnded(steps, ends) && !steps.some((step) => step.state === state),
        );
        if (open.length === 0) resolve();
      };
      checks.add(check);
      check();
      await settledWithin(promise, timeoutMs);
      checks.delete(check);
    },
  };
}

function isAbout({ requestId, deviceId }: DemoPush, event: LifecycleEvent): boolean {
  return requestId === undefined ? deviceId === event.deviceId : requestId === event.requestId;
}
