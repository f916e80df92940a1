// A route by hand, with nothing but Fastify and node-rdkafka: a POST is answered when the brokers have the record.
import { fastify } from 'fastify';
import rdkafka from 'node-rdkafka';

const { brokers, topic } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly brokers: readonly string[];
  readonly topic: string;
};
const producer = new rdkafka.Producer(
  {
    'metadata.broker.list': brokers.join(),
    'linger.ms': 1,
    dr_cb: true,
  },
  { acks: -1 },
);
await new Promise<void>((resolve, reject) =>
  producer.connect({}, (error) => (error ? reject(error) : resolve())),
);
producer.setPollInterval(1);
producer.on('delivery-report', (error, { opaque }) => opaque(error));

const app = fastify();
app.post('/v1/commands', (request, reply) => {
  const command = request.body as { readonly device_id: string };
  const value = Buffer.from(JSON.stringify(command));
  producer.produce(topic, null, value, command.device_id, null, (error: unknown) =>
    reply.code(error ? 503 : 202).send({}),
  );
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0));
process.on('message', () => process.send?.(JSON.stringify({ url })));
