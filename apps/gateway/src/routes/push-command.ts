import { CommandFailedError, type Lifecycle, parseCommandDict, WaitTimedOutError } from '@preservarium/core';
import type { PushReceipt } from '@preservarium/publisher';
import type { AwaitedState } from '@preservarium/tracking';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { commandBody, commandLocation } from '../http/command-body.js';
import { duration } from '../http/duration.js';
import { commandSchema, newCommandSchema, receiptSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';

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

/** `POST /v1/commands` */
export function addPushCommand(app: GatewayApp, parts: GatewayParts, limits: GatewayLimits): void {
  app.post(
    '/v1/commands',
    {
      schema: {
        summary: 'Push a command',
        description: 'Answers once Kafka has the command; with `wait`, once the command has got so far.',
        tags: ['commands'],
        querystring: query,
        body: newCommandSchema,
        response: {
          200: commandSchema.describe('The command has reached the state, or another final one.'),
          202: z.union([receiptSchema, commandSchema]).describe('Kafka has the command.'),
          ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const command = parseCommandDict(request.body, { protocols: parts.protocols });
      const { wait, timeout } = request.query;
      if (wait === undefined) {
        const receipt = await parts.service.pushCommand(command, { timeoutMs: limits.pushTimeoutMs });
        return accepted(reply, command.deviceId, receipt);
      }
      return pushAndWait(wait, timeout);

      async function pushAndWait(until: AwaitedState, timeoutMs: number) {
        reply.header('location', commandLocation(command));
        const { status, lifecycle } = await parts.tracker
          .pushAndWait(parts.service, command, { until, timeoutMs })
          .then((reached) => ({ status: 200, lifecycle: reached }) as const, otherOutcome);
        return reply.code(status).send(commandBody(lifecycle));
      }
    },
  );
}

function accepted(reply: FastifyReply, deviceId: string, receipt: PushReceipt) {
  const { requestId, topic, partition, offset } = receipt;
  return reply
    .code(202)
    .header('location', commandLocation({ requestId, deviceId }))
    .send({ request_id: requestId, device_id: deviceId, state: 'published', topic, partition, offset });
}

/** The outcome of a command that did not reach the awaited state. */
function otherOutcome(error: unknown): { readonly status: 200 | 202; readonly lifecycle: Lifecycle } {
  if (CommandFailedError.isInstance(error)) return { status: 200, lifecycle: error.lifecycle };
  if (WaitTimedOutError.isInstance(error) && error.lifecycle !== undefined) {
    return { status: 202, lifecycle: error.lifecycle };
  }
  throw error;
}
