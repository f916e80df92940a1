import { Producer, stringSerializers } from '@platformatic/kafka';
import { deviceOf, envelopeOf } from '../../numbered-command.js';
import { pushInBatches } from './push-in-batches.js';
import type { OpenWay, Route } from './way.js';

const batchesInFlight = 5;
const defaultInFlight = 10_000;

/** @platformatic/kafka by hand: JSON, and `send` with batches of commands, several in flight. */
export async function openPlatformaticSendBatch({
  brokers,
  topic,
  inFlight = defaultInFlight,
}: Route): Promise<OpenWay> {
  const producer = new Producer({
    clientId: 'benchmark',
    bootstrapBrokers: [...brokers],
    idempotent: true,
    serializers: stringSerializers,
  });
  const batches = {
    size: Math.ceil(inFlight / batchesInFlight),
    inFlight: Math.min(batchesInFlight, inFlight),
  };
  return {
    pushAll: (commands) =>
      pushInBatches(commands, batches, (numbers) => {
        const messages = numbers.map((number) => ({
          topic,
          key: deviceOf(number),
          value: JSON.stringify(envelopeOf(number, commands.bytes)),
        }));
        return producer.send({ messages });
      }),
    close: () => producer.close(),
  };
}
