import { PusherError, ValidationError } from '@preservarium/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import type { CallerBudgets } from '../http/caller-budgets.js';
import { issuedCommand } from '../http/issued-command.js';
import { HttpError } from '../http/problem.js';
import { findOne } from './find-one.js';
import { createPushCounts } from './push-counts.js';

const hidden = { schema: { hide: true } };

/** The answer to a pushed command, as callers of the Python system know it. */
interface OriginalAnswer {
  readonly success: boolean;
  readonly request_id: string | null;
  readonly message: string;
  readonly timestamp: string;
}

/** The HTTP API of the Python system, for its callers to change only the address. */
export function addOriginalApi(
  app: GatewayApp,
  parts: GatewayParts,
  { pushTimeoutMs, budgets }: Pick<GatewayLimits, 'pushTimeoutMs'> & { readonly budgets: CallerBudgets },
): void {
  const counts = createPushCounts();
  answerOriginalErrors(app);

  async function push(request: FastifyRequest, body: unknown): Promise<OriginalAnswer> {
    try {
      const { caller } = request;
      const command = issuedCommand(body, { caller, protocols: parts.protocols });
      const { deviceId, commandType, payload } = command;
      parts.authorizer.assert({ caller, action: 'push', deviceId, commandType, payload });
      const { requestId } = await parts.service.pushCommand(command, { timeoutMs: pushTimeoutMs });
      counts.sent();
      return { success: true, request_id: requestId, message: 'Command sent successfully', timestamp: now() };
    } catch (error) {
      counts.failed(error);
      throw error;
    }
  }

  app.post('/api/v1/commands', hidden, (request) => push(request, request.body));

  app.post('/api/v1/commands/batch', hidden, async (request) => {
    const { commands } = batchOf(request.body);
    // The request itself has counted as one of them.
    budgets.spend(request.caller.id, commands.length - 1);
    const results = await Promise.all(
      commands.map((each) => push(request, each).catch((error: unknown) => refused(each, error))),
    );
    const successful = results.filter(({ success }) => success).length;
    return { total_commands: results.length, successful, failed: results.length - successful, results };
  });

  app.get(
    '/api/v1/commands/:id/status',
    { schema: { hide: true, params: z.object({ id: z.string() }) } },
    async ({ params, caller }) => {
      const { requestId, deviceId, commandType, state, reason, timestamp, result } = await findOne(parts, {
        caller,
        requestId: params.id,
      });
      return {
        request_id: requestId,
        device_id: deviceId,
        command_type: commandType,
        status: state,
        message: reason ?? null,
        result: result ?? null,
        timestamp: timestamp.toISOString(),
      };
    },
  );

  app.get('/api/v1/status', hidden, async () => {
    const isConnected = (await parts.readiness()).kafka === true;
    const metrics = counts.read();
    return {
      service: 'preservarium-pusher',
      version: '1',
      environment: process.env.ENVIRONMENT ?? 'production',
      kafka_connected: isConnected,
      uptime: metrics.uptime_seconds,
      metrics: { ...metrics, kafka_connected: isConnected },
    };
  });

  app.get('/api/v1/metrics', hidden, async () => ({
    ...counts.read(),
    kafka_connected: (await parts.readiness()).kafka === true,
  }));
}

/** `/health` and `/api/v1/health`, which need no key. */
export function addOriginalHealth(app: GatewayApp): void {
  for (const path of ['/health', '/api/v1/health']) {
    app.get(path, hidden, () => ({ status: 'healthy', timestamp: now() }));
  }
}

const batchSchema = z.object({ commands: z.array(z.unknown()).min(1).max(1_000) });

function batchOf(body: unknown): z.output<typeof batchSchema> {
  const read = batchSchema.safeParse(body);
  if (read.success) return read.data;
  const message = 'must be a list of 1 to 1000 commands';
  throw new ValidationError('batch', [{ path: 'commands', message }]);
}

function refused(body: unknown, error: unknown): OriginalAnswer {
  const named = (body as { request_id?: unknown } | null)?.request_id;
  const message =
    error instanceof HttpError || PusherError.isInstance(error) ? error.message : 'internal error';
  return { success: false, request_id: typeof named === 'string' ? named : null, message, timestamp: now() };
}

/** Callers know `{error, type}` for what they can act on, and `{detail}` for the rest. */
function answerOriginalErrors(app: GatewayApp): void {
  app.setErrorHandler((error: unknown, _request, reply) => {
    if (error instanceof HttpError) {
      const { status, code } = error.problem;
      return reply.code(status).send({ error: error.message, type: code.toLowerCase() } as never);
    }
    if (!PusherError.isInstance(error)) {
      const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
      if (statusCode < 500)
        return reply.code(statusCode).send({ error: message, type: 'validation_error' } as never);
      return reply.code(500).send({ detail: 'Internal server error' } as never);
    }
    const isWrong = ['VALIDATION_FAILED', 'CAPABILITY_MISMATCH', 'MESSAGE_TOO_LARGE'].includes(error.code);
    if (isWrong) return reply.code(400).send({ error: error.message, type: 'validation_error' } as never);
    if (!error.retryable && error.code !== 'CLOSED')
      return reply.code(500).send({ detail: error.message } as never);
    return reply
      .code(503)
      .header('retry-after', '1')
      .send({ error: error.message, type: 'kafka_error' } as never);
  });
}

function now(): string {
  return new Date().toISOString();
}
