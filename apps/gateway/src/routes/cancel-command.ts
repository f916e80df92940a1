import { z } from 'zod';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { commandLocation } from '../http/command-body.js';
import { issuerOf } from '../http/issued-command.js';
import { problems } from '../schemas/problem.js';
import { findOne } from './find-one.js';

/** `POST /v1/commands/{id}:cancel` */
export function addCancelCommand(app: GatewayApp, parts: GatewayParts, limits: GatewayLimits): void {
  app.post(
    '/v1/commands/:id(^.+)::cancel',
    {
      schema: {
        operationId: 'cancelCommand',
        summary: 'Cancel a command',
        description:
          'Answers once Kafka has the request. The connectors cancel a command that they have not dispatched; its state says which came first.',
        tags: ['commands'],
        params: z.object({ id: z.string().describe('The request id.') }),
        querystring: z.object({
          device: z
            .string()
            .optional()
            .describe('The device; required only where commands of several devices have the request id.'),
        }),
        response: {
          202: z.object({ request_id: z.string(), device_id: z.string() }),
          ...problems(400, 401, 403, 404, 409, 429, 503, 504),
        },
      },
    },
    async ({ params, query, caller }, reply) => {
      const { deviceId, requestId, commandType } = await findOne(parts, {
        caller,
        requestId: params.id,
        deviceId: query.device,
        actions: ['read', 'cancel'],
      });
      parts.authorizer.assert({ caller, action: 'cancel', deviceId, commandType: commandType ?? null });
      await parts.service.cancelCommand(
        { deviceId, requestId, issuedBy: issuerOf(caller) },
        { timeoutMs: limits.pushTimeoutMs },
      );
      return reply
        .code(202)
        .header('location', commandLocation({ requestId, deviceId }))
        .send({ request_id: requestId, device_id: deviceId });
    },
  );
}
