import { setImmediate as nextTurn } from 'node:timers/promises';
import { deviceOf, envelopeOf, numbersOf } from '../../numbered-command.js';
import { closeNodeRdkafkaProducer, openNodeRdkafkaProducer } from './node-rdkafka-producer.js';
import type { OpenWay, Route } from './way.js';

const recordsPerTurn = 1_000;
const defaultInFlight = 10_000;

/** node-rdkafka by hand: JSON, `produce`, and one listener that is called with the delivery report of each record. */
export async function openDeliveryReport({
  brokers,
  topic,
  inFlight = defaultInFlight,
}: Route): Promise<OpenWay> {
  const producer = await openNodeRdkafkaProducer(brokers, inFlight);
  producer.setPollInterval(1);
  return {
    async pushAll(commands) {
      const unacknowledged: number[] = [];
      let produced = 0;
      let reported = 0;
      let wake: (() => void) | undefined;
      producer.on('delivery-report', (error, { opaque }) => {
        if (error) unacknowledged.push(opaque);
        reported++;
        if (produced - reported <= inFlight / 2) wake?.();
      });
      for (const number of numbersOf(commands)) {
        if (produced - reported >= inFlight) await new Promise<void>((resolve) => (wake = resolve));
        const value = Buffer.from(JSON.stringify(envelopeOf(number, commands.bytes)));
        producer.produce(topic, null, value, deviceOf(number), null, number);
        produced++;
        if (produced % recordsPerTurn === 0) await nextTurn();
      }
      while (reported < produced) await nextTurn();
      producer.removeAllListeners('delivery-report');
      return unacknowledged;
    },
    close: () => closeNodeRdkafkaProducer(producer),
  };
}
