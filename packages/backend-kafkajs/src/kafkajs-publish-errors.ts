import { BackendUnavailableError, PublishFailedError, type PusherError } from '@preservarium/core';
import type { OpenProducer } from './kafkajs-producers.js';
import type { PartitionRecords } from './kafkajs-requests.js';
import { toPusherError } from './to-pusher-error.js';

/** @param opened the producer of which a send failed */
export function toPublishError(cause: unknown, topic: string, opened?: OpenProducer): PusherError {
  return toPusherError(cause, {
    doing: `publish to "${topic}"`,
    topic,
    connectionFailure: opened?.client.lastFailure,
    otherwise: publishFailed,
  });
}

/** Returns the error of the records for which there was no producer in time. */
export function toConnectError(cause: unknown): PusherError {
  return toPusherError(cause, { doing: 'publish', otherwise: publishFailed });
}

/** Returns the error of a record that its topic does not take, though it was alone in its request. */
export function toSizeError(cause: unknown, topic: string, sizeBytes: number): PusherError {
  return toPusherError(cause, { doing: 'publish', topic, sizeBytes, otherwise: publishFailed });
}

export function noLeader({ topic, partition }: PartitionRecords): BackendUnavailableError {
  return new BackendUnavailableError(`no broker leads partition ${partition} of "${topic}" now; try again`);
}

export function unreachable(cause: Error | undefined): BackendUnavailableError {
  return new BackendUnavailableError(
    'cannot publish: no broker answered in time; check the addresses and that they run',
    { cause },
  );
}

function publishFailed(message: string, options: { readonly cause: unknown }): PublishFailedError {
  return new PublishFailedError(message, options);
}
