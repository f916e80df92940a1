import type { CommandMessage } from '@preservarium/core';
import type { DeliveryContext, DeliveryResult } from './deliverer.js';

/** Why nothing of a command may be sent now, as the result of its attempt. */
export type ObstacleToSending = Extract<DeliveryResult, { kind: 'retryable' }>;

/**
 * Returns why nothing of the command may be sent now: it expired, or another connector may serve the device. Undefined if it may be sent.
 * Call it right before each write: the process may have been frozen since the last call.
 */
export function obstacleToSending(
  { expiresAt }: Pick<CommandMessage, 'expiresAt'>,
  { maySend }: Pick<DeliveryContext, 'maySend'>,
): ObstacleToSending | undefined {
  if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) {
    return { kind: 'retryable', reason: 'it expired before its turn', unreachable: false };
  }
  if (maySend?.() !== false) return undefined;
  return { kind: 'retryable', reason: 'another connector may serve the device', unreachable: true };
}
