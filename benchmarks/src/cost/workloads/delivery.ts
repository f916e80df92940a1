import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { runConnector } from '@preservarium/connector';
import { encodeCommand, parseCommand } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { type CommandBytes, inputsOf } from '../../numbered-command.js';
import type { Workload } from './workload.js';

const commandTopic = 'device_commands';
const timeoutMs = 10_000;

/** Delivers commands from the memory backend to a deliverer that answers at once; starts and closes the connector. */
export function deliveryWorkload({
  bytes,
  events,
}: {
  readonly bytes: CommandBytes;
  readonly events: boolean;
}): Workload {
  const count = events ? 1_000 : 2_000;
  const records = Array.from(inputsOf({ first: 0, count, bytes }), (input) => {
    const command = parseCommand(input);
    return { topic: commandTopic, key: command.deviceId, value: encodeCommand(command) };
  });
  return {
    bytes,
    count,
    async prepare() {
      const broker = createMemoryBroker();
      const backend = createMemoryBackend({ broker });
      for (const outcome of await backend.publish(records, { timeoutMs })) {
        if (!outcome.ok) throw outcome.error;
      }
      const delivered = Promise.withResolvers<void>();
      const deliverer = countingDeliverer(count, delivered.resolve);
      return async () => {
        const topics = { commands: commandTopic, ...(!events && { events: false as const }) };
        const connector = await runConnector({ backend, deliverer, topics, from: 'beginning' });
        await Promise.race([delivered.promise, connector.closed]);
        await connector.close();
      };
    },
  };
}

function countingDeliverer(expected: number, onAll: () => void): Deliverer {
  let delivered = 0;
  return {
    protocol: 'mqtt',
    async start() {},
    async deliver() {
      delivered++;
      if (delivered === expected) onAll();
      return { kind: 'delivered', evidence: 'device' };
    },
    isReady: () => true,
    async close() {},
  };
}
