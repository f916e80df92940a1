import type { FastifyReply } from 'fastify';

/** Returns a signal that aborts when the connection of a request has ended, with its answer or before. */
export function whenLeft({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  raw.once('close', () => left.abort());
  return left.signal;
}
