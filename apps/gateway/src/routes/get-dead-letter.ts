import type { RecordHeaders } from '@preservarium/backend';
import { type DeadEntry, formatPlace } from '@preservarium/dead-letters';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { type DeadLetterContentBody, deadLetterContentSchema } from '../schemas/dead-letter.js';
import { problems } from '../schemas/problem.js';
import { placeOf, subjectOf, unknownDeadLetter } from './dead-letter-place.js';

/** `GET /v1/dead-letters/{position}` */
export function addGetDeadLetter(
  app: GatewayApp,
  { deadLetters, authorizer }: Pick<GatewayParts, 'deadLetters' | 'authorizer'>,
): void {
  app.get(
    '/v1/dead-letters/:position',
    {
      schema: {
        operationId: 'getDeadLetter',
        summary: 'Get a dead letter',
        description: 'The original record, byte for byte, and whether it may be sent again.',
        tags: ['dead letters'],
        params: z.object({ position: z.string().describe('`position` of the list, for example `3:42`.') }),
        response: { 200: deadLetterContentSchema, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { position }, caller }) => {
      const found = await deadLetters.find(placeOf(position));
      if (found === undefined || !authorizer.allows({ ...subjectOf(found.entry), caller, action: 'read' })) {
        throw unknownDeadLetter(position);
      }
      return contentBody(found.entry, found.verdict.message);
    },
  );
}

function contentBody({ place, letter, decoded }: DeadEntry, redrive: string): DeadLetterContentBody {
  return {
    position: formatPlace(place),
    message: letter.message,
    redrive,
    key: bytesBody(letter.key),
    value: bytesBody(letter.value),
    headers: headersBody(letter.headers),
    omitted_bytes: letter.omittedBytes,
    payload: decoded.ok ? (decoded.command.payload as DeadLetterContentBody['payload']) : undefined,
  };
}

function headersBody(headers: RecordHeaders): DeadLetterContentBody['headers'] {
  return headers.map(([name, value]) => ({
    name,
    value: value === null ? null : bytesBody(value),
  }));
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bytesBody(bytes: Buffer): DeadLetterContentBody['key'] {
  try {
    return { base64: bytes.toString('base64'), text: decoder.decode(bytes) };
  } catch {
    return { base64: bytes.toString('base64'), text: null };
  }
}
