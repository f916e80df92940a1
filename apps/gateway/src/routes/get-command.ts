import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { commandBody } from '../http/command-body.js';
import { commandSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';
import { findOne } from './find-one.js';

/** `GET /v1/commands/{id}` */
export function addGetCommand(app: GatewayApp, parts: Pick<GatewayParts, 'finder' | 'authorizer'>): void {
  app.get(
    '/v1/commands/:id',
    {
      schema: {
        operationId: 'getCommand',
        summary: 'Get a command',
        description: 'Every command that was answered with 202 is found.',
        tags: ['commands'],
        params: z.object({ id: z.string().describe('The request id.') }),
        querystring: z.object({
          device: z
            .string()
            .optional()
            .describe('The device; required only where commands of several devices have the request id.'),
        }),
        response: { 200: commandSchema, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const { params, query, caller } = request;
      return commandBody(await findOne(parts, { caller, requestId: params.id, deviceId: query.device }));
    },
  );
}
