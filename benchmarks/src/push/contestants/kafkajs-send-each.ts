import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { deviceOf, envelopeOf, numbersOf } from '../../numbered-command.js';
import { withInFlight } from '../../with-in-flight.js';
import type { Contestant } from '../contestant.js';

/** kafkajs by hand: JSON and a `send` for each command, with 1,000 in flight. */
export const kafkajsSendEach: Contestant = {
  name: 'kafkajs.sendEach@1000',
  async open(brokers) {
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return {
      async push(topic, commands) {
        const acknowledged: boolean[] = new Array(commands.count).fill(false);
        await withInFlight(numbersOf(commands), 1_000, async (number) => {
          const value = JSON.stringify(envelopeOf(number));
          await producer.send({ topic, messages: [{ key: deviceOf(number), value }] });
          acknowledged[number - commands.first] = true;
        });
        return acknowledged;
      },
      close: () => producer.disconnect(),
    };
  },
};
