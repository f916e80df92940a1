import type { WireFormat } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { decodeHonoCommand, encodeHonoCommand } from './hono-command.js';
import { decodeHonoResponse, encodeHonoResponse } from './hono-response.js';

export interface HonoOptions {
  /** The id of the tenant, a part of the names of its topics. */
  readonly tenant: string;
}

/** Commands and responses of one tenant, as Eclipse Hono has them in Kafka. */
export interface HonoFormat extends WireFormat {
  /** `hono.command.` and the tenant. */
  readonly commandTopic: string;
  /** `hono.command_response.` and the tenant; the same as `endTopic`. */
  readonly responseTopic: string;
}

/** Of `hono.command_response.` and a tenant; a topic has at most 249 characters, and the longest suffix of ours has 8. */
const maxTenantCharacters = 200;

/**
 * Returns the wire format of the Command & Control API of Eclipse Hono for Kafka.
 *
 * ```ts
 * const hono = createHonoFormat({ tenant: 'greenhouse' });
 * const service = createPusherService({ backend, commandTopic: hono.commandTopic, format: hono, protocols: ['hono'] });
 * const tracker = await createTracker({ backend, eventsTopic: hono.responseTopic, format: hono });
 * const connector = await runConnector({ backend, deliverer, topics: { commands: hono.commandTopic }, format: hono });
 * ```
 *
 * @throws ConfigurationError for a tenant that no topic can be named after
 * @see https://eclipse.dev/hono/docs/api/command-and-control-kafka/
 */
export function createHonoFormat({ tenant }: HonoOptions): HonoFormat {
  if (!/^[\w.-]+$/.test(tenant) || tenant.length > maxTenantCharacters) {
    throw new ConfigurationError(
      `tenant is "${tenant.slice(0, 64)}", and its topic must be named after it: give 1 to ${maxTenantCharacters} letters, digits, dots, hyphens and underscores`,
    );
  }
  const responseTopic = `hono.command_response.${tenant}`;
  return {
    commandTopic: `hono.command.${tenant}`,
    responseTopic,
    endTopic: responseTopic,
    encodeCommand: encodeHonoCommand,
    decodeCommand: decodeHonoCommand,
    encodeEnd(record, end) {
      const response = encodeHonoResponse(record, end, tenant);
      return response && { topic: responseTopic, ...response };
    },
    decodeEnd: decodeHonoResponse,
  };
}
