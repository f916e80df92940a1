import type { FastifyInstance, FastifyRequest } from 'fastify';

const bodyTimeoutMs = 30_000;

/** Closes the connection of a request whose body has not come within 30 s. A route that reads a stream limits its own time. */
export function limitBodyTime(app: Pick<FastifyInstance, 'addHook'>): void {
  const timers = new WeakMap<FastifyRequest['raw'], NodeJS.Timeout>();
  app.addHook('onRequest', async ({ raw }) => {
    const timer = setTimeout(() => raw.destroy(), bodyTimeoutMs).unref();
    timers.set(raw, timer);
  });
  const stop = async ({ raw }: FastifyRequest) => clearTimeout(timers.get(raw));
  app.addHook('preValidation', stop);
  app.addHook('onResponse', stop);
  app.addHook('onRequestAbort', stop);
}
