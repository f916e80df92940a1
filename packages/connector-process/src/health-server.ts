import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '@preservarium/core';

/** The answer to a probe: 200 if `ok`, else 503, with the details as JSON. */
export interface HealthReport {
  readonly ok: boolean;
  readonly details: object;
}

export interface HealthServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Asked at each request, by path. */
  readonly reports: Readonly<Record<string, () => HealthReport>>;
  /** Answers `/metrics`. */
  readonly serveMetrics: RequestListener | undefined;
}

export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/** Probes and scrapes are short and few; others hold no connection for long. */
const maxConnections = 100;
const headersTimeout = 5_000;
const requestTimeout = 10_000;
/** Node looks for requests past their deadlines this often; its default, 30 s, is longer than they are. */
const connectionsCheckingInterval = 1_000;

/**
 * Answers the probes of an orchestrator and the scrapes of a metrics collector, over HTTP.
 *
 * @throws ConfigurationError when the port cannot be had
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { port, host, reports, serveMetrics } = options;
  const paths = [...Object.keys(reports), ...(serveMetrics === undefined ? [] : ['/metrics'])];
  const server = createServer(
    { headersTimeout, requestTimeout, connectionsCheckingInterval },
    (request, response) => {
      const path = request.url?.split('?', 1)[0] ?? '';
      if (path === '/metrics' && serveMetrics !== undefined) return serveMetrics(request, response);
      const report = Object.hasOwn(reports, path) ? reports[path]?.() : undefined;
      const status = report === undefined ? 404 : report.ok ? 200 : 503;
      const body = report?.details ?? { paths };
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    },
  );
  server.maxConnections = maxConnections;
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`HEALTH_PORT is ${port}: ${problem}; for example HEALTH_PORT=8081`, {
      cause,
    });
  }
  return {
    // A TCP server that listens has an address with a port.
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
