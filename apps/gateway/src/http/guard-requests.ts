import rateLimit from '@fastify/rate-limit';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from './app.js';
import { HttpError } from './problem.js';

/** Guards the routes of an app: none while the gateway stops, only known callers, and so many requests a second of each. */
export async function guardRequests(
  app: GatewayApp,
  { authenticate, stopping }: Pick<GatewayParts, 'authenticate' | 'stopping'>,
  { requestsPerSecond }: Pick<GatewayLimits, 'requestsPerSecond'>,
): Promise<void> {
  app.decorateRequest('caller', null as never);
  app.addHook('onRequest', async (_request, reply) => {
    if (!stopping.aborted) return;
    reply.header('connection', 'close');
    const detail = 'the gateway stops; send the request to another one, or again later';
    throw new HttpError({ status: 503, code: 'CLOSED', detail }, { retryAfterSeconds: 5 });
  });
  app.addHook('onRequest', async (request, reply) => {
    const { authorization, 'x-api-key': apiKey } = request.headers;
    try {
      request.caller = await authenticate({
        authorization,
        apiKey: typeof apiKey === 'string' ? apiKey : undefined,
      });
    } catch (error) {
      reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  });
  await app.register(rateLimit, {
    max: requestsPerSecond,
    timeWindow: 1_000,
    hook: 'preParsing',
    keyGenerator: ({ caller }) => caller.id,
    errorResponseBuilder: (_request, { max, ttl }) => {
      const detail = `more than ${max} requests in a second; send fewer`;
      return new HttpError(
        { status: 429, code: 'RATE_LIMITED', detail },
        { retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1_000)) },
      );
    },
  });
}
