import { deviceOf, envelopeOf } from '../../numbered-command.js';
import { closeNodeRdkafkaProducer, openNodeRdkafkaProducer } from './node-rdkafka-producer.js';
import { pushEach } from './push-each.js';
import type { OpenWay, Route } from './way.js';

type Settle = (error: unknown) => void;

/**
 * node-rdkafka by hand: JSON, and a promise for each record, which its delivery report settles. The client is polled in every
 * turn of the event loop while anything is in flight, without which each answer waits for the next poll.
 */
export async function openPromiseEach({ brokers, topic, inFlight = 1_000 }: Route): Promise<OpenWay> {
  const producer = await openNodeRdkafkaProducer(brokers, inFlight);
  let unanswered = 0;
  producer.on('delivery-report', (error, { opaque }) => {
    unanswered--;
    (opaque as Settle)(error);
  });

  function poll(): void {
    producer.poll();
    if (unanswered > 0) setImmediate(poll);
  }

  return pushEach(
    {
      pushOne(number, bytes) {
        return new Promise((resolve, reject) => {
          const settle: Settle = (error) => (error ? reject(error) : resolve());
          const value = Buffer.from(JSON.stringify(envelopeOf(number, bytes)));
          producer.produce(topic, null, value, deviceOf(number), null, settle);
          unanswered++;
          if (unanswered === 1) setImmediate(poll);
        });
      },
      close: () => closeNodeRdkafkaProducer(producer),
    },
    inFlight,
  );
}
