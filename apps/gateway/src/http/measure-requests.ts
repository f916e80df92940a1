import { metrics } from '@opentelemetry/api';
import type { GatewayApp } from './app.js';

/** From 5 ms to 10 s, as the semantic conventions of HTTP advise. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Records the duration of each request by method, route and status, by the semantic conventions of OpenTelemetry. */
export function measureRequests(app: GatewayApp): void {
  const duration = metrics.getMeter('@preservarium/gateway').createHistogram('http.server.request.duration', {
    description: 'Duration of requests, from their headers to the end of the answer.',
    unit: 's',
    advice: { explicitBucketBoundaries: boundaries },
  });
  app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    duration.record(reply.elapsedTime / 1_000, {
      'http.request.method': method,
      'http.response.status_code': reply.statusCode,
      // Not the address: each would be a series of its own.
      ...(routeOptions.url !== undefined && { 'http.route': routeOptions.url }),
    });
    done();
  });
}
