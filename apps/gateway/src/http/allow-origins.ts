import type { GatewayApp } from './app.js';

const allowedHeaders = 'authorization, content-type, idempotency-key, if-match, last-event-id, x-api-key';
const exposedHeaders = 'etag, location, retry-after';

/** Lets pages of these origins use the API from a browser (CORS); `*` is any origin. Credentials of cookies are never used. */
export function allowOrigins(app: GatewayApp, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    const { origin } = headers;
    if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) return;
    reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
    reply.header('access-control-expose-headers', exposedHeaders);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return;
    reply
      .header('access-control-allow-methods', 'GET, POST, PUT, PATCH')
      .header('access-control-allow-headers', allowedHeaders)
      .header('access-control-max-age', '600');
    await reply.code(204).send();
  });
}
