import { deviceOf, envelopeOf } from '../../numbered-command.js';
import { openKafkajsProducer } from './kafkajs-producer.js';
import { pushEach } from './push-each.js';
import type { OpenWay, Route } from './way.js';

/** kafkajs by hand: JSON and a `send` for each command, awaited. */
export async function openSendEach({ brokers, topic, inFlight }: Route): Promise<OpenWay> {
  const producer = await openKafkajsProducer(brokers);
  return pushEach(
    {
      async pushOne(number, bytes) {
        const value = JSON.stringify(envelopeOf(number, bytes));
        await producer.send({ topic, messages: [{ key: deviceOf(number), value }] });
      },
      close: () => producer.disconnect(),
    },
    inFlight,
  );
}
