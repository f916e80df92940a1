import type { FastifyInstance, FastifyRequest } from 'fastify';

const bodyTimeoutMs = 30_000;
const methodsWithoutBody: readonly string[] = ['GET', 'HEAD'];

/** Closes the connection of a request whose body has not come within 30 s. A route that reads a stream limits its own time. */
export function limitBodyTime(app: Pick<FastifyInstance, 'addHook'>): void {
  const timers = new WeakMap<FastifyRequest['raw'], NodeJS.Timeout>();
  const stop = ({ raw }: FastifyRequest) => clearTimeout(timers.get(raw));
  // Callbacks: a promise for each hook costs more than what it does.
  app.addHook('onRequest', ({ raw, method }, _reply, done) => {
    if (!methodsWithoutBody.includes(method)) {
      timers.set(raw, setTimeout(() => raw.destroy(), bodyTimeoutMs).unref());
    }
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    stop(request);
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    stop(request);
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    stop(request);
    done();
  });
}
