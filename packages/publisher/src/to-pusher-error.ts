import { PublishFailedError, PusherError } from '@preservarium/core';

/** Returns the coded error for what a function of the application threw, for example a payload's schema or `commandTopic`. */
export function toPusherError(error: unknown): PusherError {
  if (PusherError.isInstance(error)) return error;
  const reason = error instanceof Error ? error.message : 'see the cause';
  return new PublishFailedError(`the command could not be prepared: ${reason}`, { cause: error });
}
