import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { MessageTooLargeError, type PusherError } from '@preservarium/core';

/** The next step after a batch that Kafka took only in part. */
export type AfterFailures =
  | { readonly kind: 'fatal'; readonly error: PusherError }
  | {
      readonly kind: 'write again';
      readonly records: readonly PublishRecord[];
      /** Present where a pause may help. Otherwise records were refused for their size, or for that of their batch. */
      readonly retryable: PusherError | undefined;
    };

/**
 * Returns what to write next, so that nothing overtakes a record that failed before it. Readers know records that come twice.
 *
 * @param replace gives what to write in place of a record that Kafka refuses for its own sake
 */
export function afterFailures(
  records: readonly PublishRecord[],
  outcomes: readonly PublishOutcome[],
  replace: (record: PublishRecord, error: PusherError) => readonly PublishRecord[],
): AfterFailures {
  const errors = outcomes.map((outcome) => (outcome.ok ? undefined : outcome.error));
  const fatal = errors.find((error) => error !== undefined && !canGoOn(error));
  if (fatal !== undefined) return { kind: 'fatal', error: fatal };
  const retryable = errors.find((error) => error?.retryable);
  const failedKeys = new Set<string>();
  let hasFailed = false;
  const again = records.flatMap((record, position) => {
    const error = errors[position];
    const key = `${record.topic}\n${record.key}`;
    if (error === undefined) return hasFailed || failedKeys.has(key) ? [record] : [];
    failedKeys.add(key);
    // Nothing overtakes a record that is retried later; no record of its key overtakes one that is replaced at once.
    hasFailed ||= error.retryable;
    return isOfRecord(error) ? replace(record, error) : [record];
  });
  return { kind: 'write again', records: again, retryable };
}

function canGoOn(error: PusherError): boolean {
  return error.retryable || isOfRecord(error) || isOfBatch(error);
}

/** Returns true if Kafka refuses this record alone, and would take another one. */
function isOfRecord({ code }: PusherError): boolean {
  return code === 'MESSAGE_TOO_LARGE' || code === 'VALIDATION_FAILED';
}

/** Returns true if Kafka refused the batch of the record for its size: the record may be written by itself. */
function isOfBatch({ code, cause }: PusherError): boolean {
  return code === 'PUBLISH_FAILED' && MessageTooLargeError.isInstance(cause);
}
