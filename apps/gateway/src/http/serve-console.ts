import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayApp } from './app.js';
import type { ConsoleFiles } from './console-files.js';

/** Addresses of the console's pages; the script in the one HTML file shows the page. */
const pages = ['/', '/commands', '/command', '/devices', '/device', '/send', '/dead-letters'];

const hidden = { schema: { hide: true } };

/** Serves the console. Its files are public; what it shows comes from the API, which asks who the caller is. */
export function serveConsole(app: GatewayApp, { page, assets }: ConsoleFiles): void {
  for (const path of pages) {
    app.get(path, hidden, (_request, reply) => {
      const nonce = randomBytes(16).toString('base64');
      return secured(reply)
        .header('content-security-policy', policyWith(nonce))
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(page.replaceAll('{{nonce}}', nonce) as never);
    });
  }
  for (const { path, type, bytes, gzipped } of assets) {
    app.get(path, hidden, (request, reply) => {
      const isGzip = acceptsGzip(request);
      if (isGzip) reply.header('content-encoding', 'gzip');
      return secured(reply)
        .header('vary', 'accept-encoding')
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(type)
        .send((isGzip ? gzipped : bytes) as never);
    });
  }
}

/** Styles need the nonce: the component library writes style elements. Nothing is asked of another host. */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function secured(reply: FastifyReply): FastifyReply {
  return reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
}
