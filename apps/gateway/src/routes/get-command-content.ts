import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { HttpError } from '../http/problem.js';
import { commandContentSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';
import { findOne } from './find-one.js';

/** `GET /v1/commands/{id}/content` */
export function addGetCommandContent(
  app: GatewayApp,
  parts: Pick<GatewayParts, 'finder' | 'authorizer' | 'findRecord'>,
): void {
  app.get(
    '/v1/commands/:id/content',
    {
      schema: {
        operationId: 'getCommandContent',
        summary: 'Get the content of a command',
        description:
          'The command as it was pushed, with its payload, from the command topic. It is there for as long as Kafka keeps it.',
        tags: ['commands'],
        params: z.object({ id: z.string().describe('The request id.') }),
        querystring: z.object({
          device: z
            .string()
            .optional()
            .describe('The device; required only where commands of several devices have the request id.'),
        }),
        response: { 200: commandContentSchema, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async ({ params, query, caller }, reply) => {
      const command = await findOne(parts, { caller, requestId: params.id, deviceId: query.device });
      const { deviceId, requestId, events } = command;
      const publishedAt = events.findLast(({ state }) => state === 'published')?.timestamp;
      const record = publishedAt && (await parts.findRecord({ deviceId, requestId, publishedAt }));
      if (record === undefined) throw gone(requestId);
      // Byte for byte: numbers keep their digits.
      return reply.type('application/json; charset=utf-8').send(record.value as never);
    },
  );
}

function gone(requestId: string): HttpError {
  const detail = `Kafka does not have the record of command ${JSON.stringify(requestId)} (any more)`;
  return new HttpError({ status: 404, code: 'NOT_FOUND', detail });
}
