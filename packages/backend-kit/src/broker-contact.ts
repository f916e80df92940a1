import { BackendUnavailableError, type PublishTimedOutError, type PusherError } from '@preservarium/core';

/** Knows whether a broker has ever answered a publisher, for the errors of its deadlines. */
export interface BrokerContact {
  /** Call it when a broker has answered. */
  noteAnswer(): void;
  /** Returns the error of a deadline that passed before any broker answered. */
  unanswered(timeoutMs: number, cause?: PublishTimedOutError): BackendUnavailableError;
  /** Returns the error for a deadline: while no broker has answered nothing was sent, so it is `BACKEND_UNAVAILABLE`. */
  explainTimeout(error: PublishTimedOutError): PusherError;
}

/** Returns the contact of a publisher that has reached no broker yet. */
export function createBrokerContact(brokers: readonly string[]): BrokerContact {
  let hasAnswered = false;

  function unanswered(timeoutMs: number, cause?: PublishTimedOutError): BackendUnavailableError {
    return new BackendUnavailableError(
      `no broker of ${brokers.join(', ')} answered within ${Math.round(timeoutMs)} ms: check the addresses and that they run`,
      { cause },
    );
  }

  return {
    noteAnswer() {
      hasAnswered = true;
    },
    unanswered,
    explainTimeout: (error) => (hasAnswered ? error : unanswered(error.timeoutMs, error)),
  };
}
