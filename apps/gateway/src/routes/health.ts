import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';

/** `GET /healthz`, `/readyz` and `/metrics`; none of them is in the OpenAPI document. */
export function addHealth(
  app: GatewayApp,
  { readiness, serveMetrics, stopping }: Pick<GatewayParts, 'readiness' | 'serveMetrics' | 'stopping'>,
): void {
  app.get('/healthz', { schema: { hide: true } }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'alive' }),
  );
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const state = await readiness();
    const ready = !stopping.aborted && Object.values(state).every(Boolean);
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready, ...state, ...(stopping.aborted && { stopping: true }) });
  });
  if (serveMetrics === undefined) return;
  app.get('/metrics', { schema: { hide: true } }, (request, reply) => {
    reply.hijack();
    serveMetrics(request.raw, reply.raw);
  });
}
