import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { commandBody } from '../http/command-body.js';
import { HttpError } from '../http/problem.js';
import { commandSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';

/** `GET /v1/commands/{id}` */
export function addGetCommand(app: GatewayApp, { finder }: Pick<GatewayParts, 'finder'>): void {
  app.get(
    '/v1/commands/:id',
    {
      schema: {
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
      const { id } = request.params;
      const { device } = request.query;
      const [command, other] = await finder.find({ requestId: id, deviceId: device });
      if (command === undefined) throw unknownCommand(id, device);
      if (other !== undefined) throw ambiguous(id);
      return commandBody(command);
    },
  );
}

function unknownCommand(requestId: string, deviceId: string | undefined): HttpError {
  const of = deviceId === undefined ? '' : ` of device ${JSON.stringify(deviceId)}`;
  const detail = `there is no command ${JSON.stringify(requestId)}${of}`;
  return new HttpError({ status: 404, code: 'NOT_FOUND', detail });
}

function ambiguous(requestId: string): HttpError {
  return new HttpError({
    status: 409,
    code: 'AMBIGUOUS',
    detail: `commands of several devices have the request id ${JSON.stringify(requestId)}: name one with ?device=`,
  });
}
