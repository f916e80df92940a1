import type { PublisherBackend } from '@preservarium/backend';
import { createPusherService, type PusherService, type PusherServiceOptions } from '@preservarium/publisher';

/** Returns a service that does all of a push but to send it: it resolves for what a push would send, and rejects as a push does. */
export function createRehearsal(options: PusherServiceOptions): PusherService {
  const backend: PublisherBackend = {
    name: options.backend.name,
    supports: options.backend.supports,
    connect: async () => {},
    publish: async (records) => records.map(({ topic }) => ({ ok: true, receipt: { topic } })),
    close: async () => {},
  };
  return createPusherService({ ...options, backend });
}
