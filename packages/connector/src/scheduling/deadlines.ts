import type { Outcomes } from '../outcome/outcomes.js';
import type { PendingCommand } from '../pending-command.js';

/** When commands end that no attempt has ended: at their expiry, or after the longest wait. */
export interface Deadlines {
  /** Returns the deadline of a command, in milliseconds since 1970; Infinity for none. */
  of(pending: PendingCommand): number;
  /** Ends a command that has reached its deadline. */
  end(pending: PendingCommand): void;
}

export interface DeadlinesOptions {
  readonly outcomes: Pick<Outcomes, 'conclude'>;
  readonly maxWaitMs: number;
  readonly clock: () => number;
}

export function createDeadlines({ outcomes, maxWaitMs, clock }: DeadlinesOptions): Deadlines {
  return {
    of({ command, waitingSinceMs }) {
      const expiresAtMs = command.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      return waitingSinceMs === undefined ? expiresAtMs : Math.min(expiresAtMs, waitingSinceMs + maxWaitMs);
    },
    end(pending) {
      const { expiresAt } = pending.command;
      const hasExpired = expiresAt !== undefined && expiresAt.getTime() <= clock();
      const reason = `waited for ${maxWaitMs} ms, the longest that a command may wait (maxWaitMs)`;
      outcomes.conclude(
        pending,
        hasExpired ? { state: 'expired' } : { state: 'dead', reason, deadLetter: 'exhausted' },
      );
    },
  };
}
