import type { HTTPMethods } from 'fastify';
import type { GatewayApp } from './app.js';
import { HttpError } from './problem.js';

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Answers 405 with `Allow` where a path is asked for with a method that it does not have. Call it before the routes are added. */
export function refuseOtherMethods(app: GatewayApp): { readonly addRefusals: () => void } {
  const urls = new Set<string>();
  app.addHook('onRoute', ({ url }) => void urls.add(url));
  return {
    /** Call it when all routes are there. */
    addRefusals() {
      for (const url of [...urls]) {
        if (url.endsWith('*')) continue;
        const own = methods.filter((each) => app.hasRoute({ method: each, url }));
        const allowed = own.join(', ');
        // An id may end in `:cancel`: such a command is read as any other.
        const others = url.includes('(^') ? ['GET', 'HEAD', ...own] : own;
        const method = methods.filter((each) => !others.includes(each));
        app.route({
          ...{ method, url, schema: { hide: true } },
          // Before the body is read, which may be of any type.
          onRequest: async (request, reply) => {
            reply.header('allow', allowed);
            const detail = `${request.method} is not allowed here; allowed: ${allowed}`;
            throw new HttpError({ status: 405, code: 'METHOD_NOT_ALLOWED', detail });
          },
          handler: () => undefined as never,
        });
      }
    },
  };
}
