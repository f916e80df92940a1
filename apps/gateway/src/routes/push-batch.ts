import { Readable } from 'node:stream';
import { z } from 'zod';
import { pushLines } from '../batch/push-lines.js';
import { readUntilAborted } from '../batch/read-until-aborted.js';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import type { CallerBudgets } from '../http/caller-budgets.js';
import { HttpError } from '../http/problem.js';
import { lineSchema } from '../schemas/batch.js';
import { problems } from '../schemas/problem.js';

const ndjson = 'application/x-ndjson';
const idleTimeoutMs = 60_000;

/** `POST /v1/commands:batch`; in an app of its own, which alone takes NDJSON. */
export function addPushBatch(
  app: GatewayApp,
  parts: GatewayParts,
  { budgets, ...limits }: GatewayLimits & { readonly budgets: CallerBudgets },
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(ndjson, (_request, payload, done) => done(null, payload));
  app.post(
    '/v1/commands::batch',
    {
      schema: {
        operationId: 'pushBatch',
        summary: 'Push many commands',
        description:
          'Each line is a command, and each line of the answer is the outcome of the line in its place: the acknowledgement of Kafka with the status 202, or a problem. The answer begins with the first outcome: a client that sends more than 1,000 lines reads while it sends. Each line counts as a request: at the limit of its caller, the batch is read more slowly.',
        tags: ['commands'],
        consumes: [ndjson],
        body: z.unknown().describe('Lines of JSON, each a `NewCommand`.'),
        produces: [ndjson],
        response: { 200: lineSchema, ...problems(400, 401, 403, 415, 429, 503) },
      },
    },
    async ({ body, raw, caller }, reply) => {
      if (!body) throw withoutBody();
      // A client that neither sends nor reads for so long is disconnected.
      raw.setTimeout(idleTimeoutMs);
      const lines = readUntilAborted(body as unknown as Readable, parts.stopping);
      const answers = pushLines(parts, lines, { caller, limits, budgets });
      // A stopping gateway accepts nothing that it has not read.
      reply.raw.once('finish', () => {
        if (!raw.complete) raw.destroy();
      });
      return reply.type(ndjson).send(Readable.from(answers) as never);
    },
  );
}

function withoutBody(): HttpError {
  const detail = `the body must be ${ndjson}`;
  return new HttpError({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', detail });
}
