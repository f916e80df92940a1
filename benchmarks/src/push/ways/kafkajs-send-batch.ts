import { deviceOf, envelopeOf } from '../../numbered-command.js';
import { openKafkajsProducer } from './kafkajs-producer.js';
import { pushInBatches } from './push-in-batches.js';
import type { OpenWay, Route } from './way.js';

const defaultInFlight = 2_000;

/** kafkajs by hand: JSON, and `sendBatch`, awaited: with several in flight, kafkajs breaks the order of devices. */
export async function openSendBatch({ brokers, topic, inFlight = defaultInFlight }: Route): Promise<OpenWay> {
  const producer = await openKafkajsProducer(brokers);
  return {
    pushAll: (commands) =>
      pushInBatches(commands, { size: inFlight, inFlight: 1 }, (numbers) => {
        const messages = numbers.map((number) => ({
          key: deviceOf(number),
          value: JSON.stringify(envelopeOf(number, commands.bytes)),
        }));
        return producer.sendBatch({ topicMessages: [{ topic, messages }] });
      }),
    close: () => producer.disconnect(),
  };
}
