import { setImmediate as nextTurn } from 'node:timers/promises';
import Rdkafka, { type Producer } from 'node-rdkafka';
import { deviceOf, envelopeOf, numbersOf } from '../../numbered-command.js';
import type { Contestant } from '../contestant.js';

const recordsPerTurn = 1_000;

/** node-rdkafka by hand: JSON, `produce`, and a delivery report for each record. */
export const nodeRdkafkaDeliveryReport: Contestant = {
  name: 'node-rdkafka.deliveryReport',
  async open(brokers) {
    const producer = new Rdkafka.Producer(
      {
        'metadata.broker.list': brokers.join(','),
        'enable.idempotence': true,
        'queue.buffering.max.messages': 500_000,
        dr_cb: true,
      },
      { 'request.required.acks': -1, partitioner: 'murmur2_random' },
    );
    await connect(producer);
    producer.setPollInterval(1);
    return {
      async push(topic, commands) {
        const acknowledged: boolean[] = new Array(commands.count);
        const complete = Promise.withResolvers<void>();
        let reports = 0;
        producer.on('delivery-report', (error, report) => {
          acknowledged[report.opaque] = !error;
          reports++;
          if (reports === commands.count) complete.resolve();
        });
        for (const number of numbersOf(commands)) {
          const index = number - commands.first;
          const value = Buffer.from(JSON.stringify(envelopeOf(number)));
          producer.produce(topic, null, value, deviceOf(number), null, index);
          if (index % recordsPerTurn === recordsPerTurn - 1) await nextTurn();
        }
        await complete.promise;
        producer.removeAllListeners('delivery-report');
        return acknowledged;
      },
      close: () => new Promise((resolve) => producer.disconnect(() => resolve())),
    };
  },
};

function connect(producer: Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.connect({}, (error) => (error ? reject(error) : resolve()));
  });
}
