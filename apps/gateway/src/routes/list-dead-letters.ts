import { deadLetterReasons, type EntrySummary, formatPlace, summaryFits } from '@preservarium/dead-letters';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { since } from '../http/since.js';
import { type DeadLetterBody, deadLetterSchema } from '../schemas/dead-letter.js';
import { problems } from '../schemas/problem.js';

const query = z.object({
  device: z.string().optional().describe('Only of this device.'),
  type: z.string().optional().describe('The command type.'),
  reason: z.enum(deadLetterReasons).optional().describe('Only with this reason.'),
  since: since.describe('Given up at this time or later.'),
  sent_again: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Also those that were sent again.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Largest number on a page.'),
  cursor: z.string().optional().describe('`cursor` of the page before.'),
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
          'Commands that were given up, the newest first. Those that the policy hides are left out; a page may have fewer than `limit`, and the cursor leads on.',
        tags: ['dead letters'],
        querystring: query,
        response: {
          200: z.object({
            dead_letters: z.array(deadLetterSchema),
            cursor: z.string().optional().describe('For the next page; absent on the last one.'),
          }),
          ...problems(400, 401, 403, 429, 503),
        },
      },
    },
    async ({ query: given, caller }) => {
      const { device, type, reason, sent_again: withSentAgain, limit, cursor } = given;
      const filter = {
        deviceId: device,
        commandType: type,
        reason,
        sinceMs: given.since === undefined ? undefined : Date.parse(given.since),
      };
      const page = await deadLetters.list({
        max: limit,
        cursor,
        withSentAgain,
        isWanted: (summary) => {
          const { deviceId, commandType } = summary;
          return (
            summaryFits(summary, filter) &&
            authorizer.allows({ caller, action: 'read', deviceId, commandType: commandType ?? null })
          );
        },
      });
      return { dead_letters: page.summaries.map(deadLetterBody), cursor: page.cursor };
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
