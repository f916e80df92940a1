import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createPusherService } from '@preservarium/publisher';
import { inputOf, numbersOf } from '../../numbered-command.js';
import { withInFlight } from '../../with-in-flight.js';
import type { Contestant } from '../contestant.js';

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
        const acknowledged: boolean[] = new Array(commands.count).fill(false);
        await withInFlight(numbersOf(commands), 1_000, async (number) => {
          await service.pushCommand(inputOf(number));
          acknowledged[number - commands.first] = true;
        });
        return acknowledged;
      },
      close: () => service.close(),
    };
  },
};
