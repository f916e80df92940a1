import {
  deadLetterReasons,
  deviceOf,
  type EntrySummary,
  fitsFilter,
  formatPlace,
} from '@preservarium/dead-letters';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { type DeadLetterBody, deadLetterSchema } from '../schemas/dead-letter.js';
import { problems } from '../schemas/problem.js';

const query = z.object({
  device: z.string().optional().describe('Only of this device.'),
  type: z.string().optional().describe('The command type.'),
  reason: z.enum(deadLetterReasons).optional().describe('Only with this reason.'),
  since: z.iso.datetime({ offset: true }).optional().describe('Given up at this time or later.'),
  sent_again: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Also those that were sent again.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Largest number on a page.'),
});

/** `GET /v1/dead-letters` */
export function addListDeadLetters(
  app: GatewayApp,
  { deadLetters, authorizer }: Pick<GatewayParts, 'deadLetters' | 'authorizer'>,
): void {
  app.get(
    '/v1/dead-letters',
    {
      schema: {
        operationId: 'listDeadLetters',
        summary: 'List dead letters',
        description:
          'Commands that were given up, the newest first. The first call after a change reads the whole topic of dead letters. Those that the policy hides are left out.',
        tags: ['dead letters'],
        querystring: query,
        response: {
          200: z.object({
            dead_letters: z.array(deadLetterSchema),
            left: z.int().describe('How many older ones there are beyond `limit`.'),
          }),
          ...problems(400, 401, 403, 429, 503),
        },
      },
    },
    async ({ query: { device, type, reason, since, sent_again: withSentAgain, limit }, caller }) => {
      const filter = {
        deviceId: device,
        commandType: type,
        reason,
        sinceMs: since === undefined ? undefined : Date.parse(since),
      };
      const { summaries, left } = await deadLetters.list({
        max: limit,
        withSentAgain,
        isWanted: (entry) =>
          fitsFilter(entry, filter) &&
          authorizer.allows({
            caller,
            action: 'read',
            deviceId: deviceOf(entry),
            commandType: entry.decoded.ok ? entry.decoded.command.commandType : undefined,
          }),
      });
      return { dead_letters: summaries.map(deadLetterBody), left };
    },
  );
}

function deadLetterBody(summary: EntrySummary): DeadLetterBody {
  const { diedAt, reason, message, attempts, group, deviceId, source, sentAgain, ...others } = summary;
  return {
    position: formatPlace(summary),
    died_at: diedAt.toISOString(),
    ...{ reason, message, attempts, group },
    device_id: deviceId,
    command_type: others.commandType,
    request_id: others.requestId,
    expires_at: others.expiresAt?.toISOString(),
    source,
    sent_again: sentAgain,
  };
}
