import {
  type DeadEntry,
  deviceOf,
  type FoundDeadLetter,
  formatPlace,
  type RedriveOutcome,
} from '@preservarium/dead-letters';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { HttpError } from '../http/problem.js';
import { type RedriveBody, redriveSchema } from '../schemas/dead-letter.js';
import { problems } from '../schemas/problem.js';
import { placeOf, subjectOf, unknownDeadLetter } from './dead-letter-place.js';

const wireOutcomes = {
  sendable: 'sendable',
  sentBefore: 'sent_before',
  poison: 'poison',
  replayed: 'replayed',
  otherTopic: 'other_topic',
  expired: 'expired',
  superseded: 'superseded',
} as const;

/** `POST /v1/dead-letters/{position}:redrive` */
export function addRedriveDeadLetter(
  app: GatewayApp,
  { deadLetters, authorizer }: Pick<GatewayParts, 'deadLetters' | 'authorizer'>,
): void {
  app.post(
    '/v1/dead-letters/:position(^.+)::redrive',
    {
      schema: {
        operationId: 'redriveDeadLetter',
        summary: 'Send a dead letter again',
        description:
          'Answers once Kafka has the command again. A dead letter that may not be sent again, because it has expired for example, is refused with 409.',
        tags: ['dead letters'],
        params: z.object({ position: z.string().describe('`position` of the list, for example `3:42`.') }),
        querystring: z.object({
          dry_run: z
            .enum(['true', 'false'])
            .default('false')
            .transform((text) => text === 'true')
            .describe('Say what would happen, and send nothing.'),
        }),
        response: { 200: redriveSchema, ...problems(400, 401, 403, 404, 409, 429, 503, 504) },
      },
    },
    async ({ params, query, caller }) => {
      const place = placeOf(params.position);
      const assertAllowed = (entry: DeadEntry) => {
        const request = { ...subjectOf(entry), caller };
        // A refusal would tell of a dead letter that the caller may not see.
        const isSeen = authorizer.allows({ ...request, action: 'read' });
        if (!isSeen && !authorizer.allows({ ...request, action: 'redrive' })) {
          throw unknownDeadLetter(params.position);
        }
        authorizer.assert({ ...request, action: 'redrive' });
      };
      if (!query.dry_run)
        return sentBody(await deadLetters.redrive(place, { assertAllowed }), params.position);
      const found = await deadLetters.find(place);
      if (found === undefined) throw unknownDeadLetter(params.position);
      assertAllowed(found.entry);
      return verdictBody(found);
    },
  );
}

function sentBody(redriven: RedriveOutcome | undefined, position: string): RedriveBody {
  if (redriven === undefined) throw unknownDeadLetter(position);
  const { entry } = redriven;
  if (redriven.kind === 'failed') throw redriven.error;
  if (redriven.kind === 'refused') {
    const detail = `the dead letter ${position} is not sent again: it ${redriven.verdict.message}`;
    throw new HttpError({ status: 409, code: 'REDRIVE_REFUSED', detail });
  }
  const { topic, partition } = entry.letter.source;
  const unmarked =
    redriven.kind === 'unmarked'
      ? '; it could not be marked as sent: the next redrive may send it again'
      : '';
  return body(entry, 'sent', `was sent to ${topic}, partition ${partition}${unmarked}`);
}

function verdictBody({ entry, verdict }: FoundDeadLetter): RedriveBody {
  return body(entry, wireOutcomes[verdict.outcome], verdict.message);
}

function body(entry: DeadEntry, outcome: RedriveBody['outcome'], message: string): RedriveBody {
  const command = entry.decoded.ok ? entry.decoded.command : undefined;
  return {
    position: formatPlace(entry.place),
    device_id: deviceOf(entry),
    command_type: command?.commandType,
    request_id: command?.requestId,
    outcome,
    message,
  };
}
