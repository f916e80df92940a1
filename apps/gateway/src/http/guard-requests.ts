import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from './app.js';
import type { CallerBudgets } from './caller-budgets.js';
import { HttpError } from './problem.js';

/** Guards the routes of an app: none while the gateway stops, only known callers, and so many requests of each. */
export function guardRequests(
  app: GatewayApp,
  { authenticate, stopping }: Pick<GatewayParts, 'authenticate' | 'stopping'>,
  budgets: CallerBudgets,
): void {
  app.decorateRequest('caller', null as never);
  app.addHook('onRequest', async (_request, reply) => {
    if (!stopping.aborted) return;
    reply.header('connection', 'close');
    const detail = 'the gateway stops; send the request to another one, or again later';
    throw new HttpError({ status: 503, code: 'CLOSED', detail }, { retryAfterSeconds: 5 });
  });
  app.addHook('onRequest', async (request, reply) => {
    const { authorization, host, 'x-api-key': apiKey } = request.headers;
    try {
      request.caller = await authenticate({
        authorization,
        apiKey: typeof apiKey === 'string' ? apiKey : undefined,
        host,
      });
    } catch (error) {
      reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    const counted = budgets.open(request.caller.id);
    // Also where the caller leaves before the answer.
    reply.raw.once('close', () => counted.close());
  });
}
