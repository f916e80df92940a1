import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { issuedCommand } from '../http/issued-command.js';
import { newCommandSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';

/** `POST /v1/commands:validate` */
export function addValidateCommand(
  app: GatewayApp,
  { rehearsal, authorizer, protocols }: Pick<GatewayParts, 'rehearsal' | 'authorizer' | 'protocols'>,
): void {
  app.post(
    '/v1/commands::validate',
    {
      schema: {
        operationId: 'validateCommand',
        summary: 'Validate a command',
        description: 'Answers as a push would, and sends nothing.',
        tags: ['commands'],
        body: newCommandSchema,
        response: {
          204: z.null().describe('The command can be pushed.'),
          ...problems(400, 401, 403, 413, 415, 422, 429, 503),
        },
      },
    },
    async ({ body, caller }, reply) => {
      const command = issuedCommand(body, { caller, protocols });
      const { deviceId, commandType, payload } = command;
      authorizer.assert({ caller, action: 'push', deviceId, commandType, payload });
      await rehearsal.pushCommand(command);
      return reply.code(204).send(null);
    },
  );
}
