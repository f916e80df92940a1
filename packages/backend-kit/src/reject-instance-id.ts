import type { SubscribeOptions } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';

/**
 * Call it where the client has no static members.
 *
 * @throws ConfigurationError if one is asked for
 */
export function rejectInstanceId(backend: string, { instanceId }: SubscribeOptions): void {
  if (instanceId === undefined) return;
  throw new ConfigurationError(
    `instanceId: "${instanceId}" asks for static membership, which the backend ${backend} does not have; leave it out, or use the backend rdkafka`,
  );
}
