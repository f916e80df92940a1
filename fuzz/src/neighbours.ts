import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeLifecycleEvent, encodeCommand, type Protocol, parseCommand } from '@preservarium/core';
import kafkajs from 'kafkajs';
import { neighbourName } from './is-neighbour.js';
import type { Scene } from './scene.js';

const protocols: readonly Protocol[] = ['mqtt', 'http', 'coap'];
const timeoutMs = 300_000;
const pollMs = 100;

/** Devices on both partitions. */
export const deviceIds = Array.from({ length: 4 }, (_, index) => `${neighbourName}-${index}`);

/** Devices that nobody attacks, and whose commands come behind all that was written before. */
export interface Neighbours extends AsyncDisposable {
  /** Pushes a command to a neighbour of each protocol on each partition. Returns those that did not execute it in time. */
  tryAll(): Promise<{ readonly missing: readonly string[]; readonly requestIds: readonly string[] }>;
}

export async function meetNeighbours({ brokers, producer, topics, connectors }: Scene): Promise<Neighbours> {
  const ended = new Set<string>();
  const client = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = client.consumer({ groupId: `${neighbourName}-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: topics.events, fromBeginning: true });
  await consumer.run({
    async eachMessage({ message: { value } }) {
      if (value === null || !value.includes(neighbourName)) return;
      const decoded = decodeLifecycleEvent(value);
      if (!decoded.ok) return;
      const { requestId, protocol, state } = decoded.event;
      // Over MQTT the device answers, behind all that other devices have sent.
      if (state === (protocol === 'mqtt' ? 'succeeded' : 'delivered')) ended.add(requestId);
    },
  });

  return {
    async tryAll() {
      const commands = protocols.flatMap((protocol) =>
        deviceIds.map((deviceId) =>
          parseCommand({ deviceId, commandType: 'set_led', protocol, payload: {} }),
        ),
      );
      const messages = commands.map((command) => ({
        key: command.deviceId,
        value: Buffer.from(encodeCommand(command)),
      }));
      await producer.send({ topic: topics.commands, messages });
      const deadlineMs = performance.now() + timeoutMs;
      const missing = () => commands.filter(({ requestId }) => !ended.has(requestId));
      const hasEnded = () => Object.values(connectors).some((program) => program.hasEnded());
      while (missing().length > 0 && performance.now() < deadlineMs && !hasEnded()) await pause(pollMs);
      return {
        missing: missing().map(({ protocol, deviceId }) => `${deviceId} of ${protocol}`),
        requestIds: commands.map(({ requestId }) => requestId),
      };
    },
    [Symbol.asyncDispose]: () => consumer.disconnect(),
  };
}
