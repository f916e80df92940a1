import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createPusherService } from '@preservarium/publisher';
import type { Contestant } from '../contestant.js';
import { withInFlight } from '../with-in-flight.js';

/** `pushCommand`, awaited, with 1,000 calls in flight. */
export const kafkajsPushCommand: Contestant = {
  name: 'kafkajs.pushCommand@1000',
  async open(brokers) {
    let commandTopic = '';
    const service = createPusherService({
      backend: createKafkajsBackend({ brokers }),
      commandTopic: () => commandTopic,
    });
    await service.connect();
    return {
      async push(topic, commands) {
        commandTopic = topic;
        const acknowledged: boolean[] = new Array(commands.length).fill(false);
        await withInFlight(commands, 1_000, async ({ input }, index) => {
          await service.pushCommand(input);
          acknowledged[index] = true;
        });
        return acknowledged;
      },
      close: () => service.close(),
    };
  },
};
