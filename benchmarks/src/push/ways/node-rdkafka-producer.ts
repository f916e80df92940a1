import Rdkafka, { type Producer } from 'node-rdkafka';

/** node-rdkafka's producer with a delivery report for each record, connected. */
export async function openNodeRdkafkaProducer(
  brokers: readonly string[],
  inFlight: number,
): Promise<Producer> {
  const producer = new Rdkafka.Producer(
    {
      'metadata.broker.list': brokers.join(','),
      'enable.idempotence': true,
      // Where few are in flight, none follows that would be worth waiting for.
      'linger.ms': inFlight > 1_000 ? 5 : 0,
      'queue.buffering.max.messages': 500_000,
      dr_cb: true,
    },
    { 'request.required.acks': -1, partitioner: 'murmur2_random' },
  );
  await new Promise<void>((resolve, reject) => {
    producer.connect({}, (error) => (error ? reject(error) : resolve()));
  });
  return producer;
}

export function closeNodeRdkafkaProducer(producer: Producer): Promise<void> {
  producer.setPollInterval(0);
  return new Promise((resolve) => {
    producer.disconnect(() => resolve());
  });
}
