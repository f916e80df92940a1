import type { Backend, GroupAdmin } from '@preservarium/backend';
import { createBackend } from '@preservarium/command-line';
import type { EnvironmentOptions } from '@preservarium/environment';

/** Describes groups with kafkajs where the client that moves the records cannot: node-rdkafka. Each call has a connection of its own. */
export function groupAdminOf(backend: Backend, options: EnvironmentOptions): GroupAdmin {
  const { groupsOf } = backend;
  if (groupsOf !== undefined) return { groupsOf };
  return {
    async groupsOf(topics) {
      // Nothing is written: kafkajs lacks some codecs.
      const kafkajs = await createBackend({ ...options, backend: 'kafkajs', compression: 'none' });
      try {
        return (await kafkajs.groupsOf?.(topics)) ?? [];
      } finally {
        await kafkajs.close({ timeoutMs: 1_000 });
      }
    },
  };
}
