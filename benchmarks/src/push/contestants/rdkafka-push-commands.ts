import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { createPusherService } from '@preservarium/publisher';
import { inputsOf } from '../../numbered-command.js';
import type { Contestant } from '../contestant.js';

/** `pushCommands`, which validates and encodes each command and gives its outcome. */
export const rdkafkaPushCommands: Contestant = {
  name: 'rdkafka.pushCommands',
  async open(brokers) {
    let commandTopic = '';
    const service = createPusherService({
      backend: createRdkafkaBackend({ brokers }),
      commandTopic: () => commandTopic,
    });
    await service.connect();
    return {
      async push(topic, commands) {
        commandTopic = topic;
        const acknowledged: boolean[] = [];
        for await (const { ok } of service.pushCommands(inputsOf(commands))) acknowledged.push(ok);
        return acknowledged;
      },
      close: () => service.close(),
    };
  },
};
