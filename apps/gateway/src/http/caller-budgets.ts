import { setTimeout as pause } from 'node:timers/promises';
import { HttpError } from './problem.js';

export interface CallerBudgetsOptions {
  readonly requestsPerSecond: number;
  readonly openRequests: number;
}

/** Counts of what each caller uses. */
export interface CallerBudgets {
  /**
   * Counts a request; call `close` of the result once, when it is answered.
   *
   * @throws HttpError 429 where the caller has too many open, or sends too many in a second
   */
  open(callerId: string): { close(): void };
  /**
   * Counts further requests in one, such as the commands of a batch.
   *
   * @throws HttpError 429, and counts none
   */
  spend(callerId: string, requests: number): void;
  /** Counts further requests as soon as the caller may send as many; at most `requestsPerSecond`. */
  spendInTime(callerId: string, requests: number): Promise<void>;
}

interface Budget {
  open: number;
  spent: number;
  secondEndsAtMs: number;
}

const secondMs = 1_000;

/** Keeps a budget for each caller with open requests or with requests in this second. */
export function createCallerBudgets(
  { requestsPerSecond, openRequests }: CallerBudgetsOptions,
  nowMs: () => number = () => performance.now(),
): CallerBudgets {
  const budgets = new Map<string, Budget>();
  let sweepAtMs = 0;

  function budgetOf(callerId: string): Budget {
    const now = nowMs();
    if (now >= sweepAtMs) forgetIdle(now);
    const known = budgets.get(callerId) ?? { open: 0, spent: 0, secondEndsAtMs: 0 };
    if (now >= known.secondEndsAtMs) Object.assign(known, { spent: 0, secondEndsAtMs: now + secondMs });
    budgets.set(callerId, known);
    return known;
  }

  function forgetIdle(now: number): void {
    sweepAtMs = now + secondMs;
    for (const [callerId, { open, secondEndsAtMs }] of budgets) {
      if (open === 0 && now >= secondEndsAtMs) budgets.delete(callerId);
    }
  }

  function spend(callerId: string, requests: number): void {
    const budget = budgetOf(callerId);
    if (budget.spent + requests > requestsPerSecond) {
      throw tooMany(`more than ${requestsPerSecond} requests in a second; send fewer`);
    }
    budget.spent += requests;
  }

  async function spendInTime(callerId: string, requests: number): Promise<void> {
    for (;;) {
      const budget = budgetOf(callerId);
      if (budget.spent + requests <= requestsPerSecond) {
        budget.spent += requests;
        return;
      }
      await pause(budget.secondEndsAtMs - nowMs());
    }
  }

  return {
    spend,
    spendInTime,
    open(callerId) {
      const budget = budgetOf(callerId);
      if (budget.open >= openRequests) {
        throw tooMany(`${openRequests} requests are open; end streams and waits that nobody reads`);
      }
      spend(callerId, 1);
      budget.open += 1;
      return {
        close() {
          budget.open -= 1;
        },
      };
    },
  };
}

function tooMany(detail: string): HttpError {
  return new HttpError({ status: 429, code: 'RATE_LIMITED', detail }, { retryAfterSeconds: 1 });
}
