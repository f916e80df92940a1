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
  // One hook: each costs a turn of the request.
  app.addHook('onRequest', async (request, reply) => {
    if (stopping.aborted) {
      reply.header('connection', 'close');
      throw stopped();
    }
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
    const counted = budgets.open(request.caller.id);
    // Also where the caller leaves before the answer.
    reply.raw.once('close', () => counted.close());
  });
}

function stopped(): HttpError {
  const detail = 'the gateway stops; send the request to another one, or again later';
  return new HttpError({ status: 503, code: 'CLOSED', detail }, { retryAfterSeconds: 5 });
}
