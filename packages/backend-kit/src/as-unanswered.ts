import type { PublishOutcome } from '@preservarium/backend';
import { type BackendUnavailableError, PublishTimedOutError } from '@preservarium/core';

/**
 * The outcomes of a backend whose brokers have never answered: nothing was sent, so a deadline that passed says just that.
 *
 * @param unanswered makes the error in the place of `PUBLISH_TIMED_OUT`, which is its cause
 */
export function asUnanswered(
  outcomes: readonly PublishOutcome[],
  unanswered: (cause: PublishTimedOutError) => BackendUnavailableError,
): readonly PublishOutcome[] {
  return outcomes.map((outcome) =>
    !outcome.ok && PublishTimedOutError.isInstance(outcome.error)
      ? { ok: false, error: unanswered(outcome.error) }
      : outcome,
  );
}
