import { z } from 'zod';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { commandBody, commandLocation, receiptBody } from '../http/command-body.js';
import { duration } from '../http/duration.js';
import { idempotencyKeyOf, withKey } from '../http/idempotency-key.js';
import { issuedCommand } from '../http/issued-command.js';
import { whenLeft } from '../http/when-left.js';
import { commandSchema, newCommandSchema, receiptSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';
import { openPush } from './open-push.js';
import { pushAndWait } from './push-and-wait.js';

const maxWaitMs = 300_000;

const query = z.object({
  wait: z
    .enum(['published', 'dispatched', 'delivered', 'succeeded'])
    .optional()
    .describe('Answer when the command has reached this state, or another final one.'),
  timeout: duration(maxWaitMs)
    .default(30_000)
    .describe('How long to wait, for example `10s`. After it, the answer is 202 with the state so far.'),
});

const headers = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .describe(
      'Becomes the request id. The same request again gets the first answer, for 24 hours; another request with the same key gets 409.',
    ),
});

/** `POST /v1/commands` */
export function addPushCommand(app: GatewayApp, parts: GatewayParts, limits: GatewayLimits): void {
  app.post(
    '/v1/commands',
    {
      schema: {
        operationId: 'pushCommand',
        summary: 'Push a command',
        description: 'Answers once Kafka has the command; with `wait`, once the command has got so far.',
        tags: ['commands'],
        querystring: query,
        headers,
        body: newCommandSchema,
        response: {
          200: commandSchema.describe('The command has reached the state, or another final one.'),
          202: z.union([receiptSchema, commandSchema]).describe('Kafka has the command.'),
          ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const { caller, body } = request;
      const key = idempotencyKeyOf(request.headers['idempotency-key']);
      const command = issuedCommand(withKey(body, key), { caller, protocols: parts.protocols });
      const { deviceId, commandType, payload } = command;
      parts.authorizer.assert({ caller, action: 'push', deviceId, commandType, payload });
      const { pushTimeoutMs } = limits;
      const push = await openPush(parts, {
        ...{ caller, body, key, deviceId, requestId: command.requestId },
        timeoutMs: pushTimeoutMs,
      });
      reply.header('location', commandLocation({ requestId: push.requestId, deviceId }));
      const { wait, timeout } = request.query;
      if (wait === undefined) {
        const receipt = await push.pushCommand(command, { timeoutMs: pushTimeoutMs });
        return reply.code(202).send(receiptBody(deviceId, receipt));
      }
      const signal = AbortSignal.any([parts.stopping, whenLeft(reply)]);
      const waiting = { until: wait, timeoutMs: timeout, pushTimeoutMs, signal };
      const outcome = await pushAndWait(parts, push, command, waiting);
      if (outcome.lifecycle === undefined) {
        return reply.code(202).send(receiptBody(deviceId, outcome.receipt));
      }
      return reply.code(outcome.isReached ? 200 : 202).send(commandBody(outcome.lifecycle));
    },
  );
}
