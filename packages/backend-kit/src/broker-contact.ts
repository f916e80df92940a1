import type { PublishOutcome } from '@preservarium/backend';
import { BackendUnavailableError, PublishTimedOutError } from '@preservarium/core';

type Publishing = Promise<readonly PublishOutcome[]>;

/** Knows whether a broker has ever answered a publisher, for the errors of its deadlines. */
export interface BrokerContact {
  /** Call it when a broker has answered. */
  noteAnswer(): void;
  /** Returns the error of a deadline that passed before any broker answered. */
  unanswered(timeoutMs: number, cause?: PublishTimedOutError): BackendUnavailableError;
  /** Returns the outcomes; while no broker has answered nothing was sent, so `PUBLISH_TIMED_OUT` becomes `BACKEND_UNAVAILABLE`. */
  explain(publishing: Publishing, timeoutMs: number): Publishing;
}

/** Returns the contact of a publisher that has reached no broker yet. */
export function createBrokerContact(brokers: readonly string[]): BrokerContact {
  let hasAnswered = false;

  function unanswered(timeoutMs: number, cause?: PublishTimedOutError): BackendUnavailableError {
    return new BackendUnavailableError(
      `no broker of ${brokers.join(', ')} answered within ${timeoutMs} ms: check the addresses and that they run`,
      { cause },
    );
  }

  function explainOutcome(outcome: PublishOutcome, timeoutMs: number): PublishOutcome {
    if (outcome.ok || !PublishTimedOutError.isInstance(outcome.error)) return outcome;
    return { ok: false, error: unanswered(timeoutMs, outcome.error) };
  }

  return {
    noteAnswer() {
      hasAnswered = true;
    },
    unanswered,
    explain(publishing, timeoutMs) {
      if (hasAnswered) return publishing;
      return publishing.then((outcomes) =>
        hasAnswered ? outcomes : outcomes.map((outcome) => explainOutcome(outcome, timeoutMs)),
      );
    },
  };
}
