import { randomUUID } from 'node:crypto';
import type { ConformanceDevice, DelivererHarness, ReceivedCommand } from '@preservarium/conformance';
import {
  type Mosquitto,
  type MosquittoReceived,
  publishWithMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { createMqttDeliverer } from '../src/index.js';

/** Devices are `mosquitto_sub`s; they are gone when their broker is. */
export function mqttHarness(broker: Mosquitto, protocolVersion: 5 | 4): DelivererHarness {
  return {
    supports: {
      evidence: 'gateway',
      behaviours: ['accept', 'gone'],
      connection: true,
      withdrawal: true,
      repeatMark: protocolVersion === 5,
      sequence: protocolVersion === 5,
      presence: true,
      settings: 'reports',
    },
    createDeliverer: ({ away = false, directory: _, ...settings }) =>
      createMqttDeliverer({ ...settings, url: away ? 'mqtt://127.0.0.1:1' : broker.url, protocolVersion }),
    createDevice: () => createDevice(broker, protocolVersion),
  };
}

async function createDevice(broker: Mosquitto, protocolVersion: 5 | 4): Promise<ConformanceDevice> {
  const deviceId = `device-${randomUUID()}`;
  const topic = `devices/${deviceId}`;
  // Commands and settings.
  const device = await subscribeWithMosquitto(broker, { topic: `${topic}/+`, protocolVersion });
  let isBrokerGone = false;

  async function bringBrokerBack(): Promise<void> {
    if (!isBrokerGone) return;
    isBrokerGone = false;
    const subscribed = device.subscribedAgain();
    await broker.start();
    await subscribed;
  }

  return {
    deviceId,
    received: toCommands(device.received),
    async behave(behaviour) {
      if (behaviour === 'accept') return bringBrokerBack();
      if (behaviour !== 'gone') throw new Error(`a device behind a broker cannot be made to ${behaviour}`);
      isBrokerGone = true;
      await broker.kill();
    },
    async tellSettings(payload) {
      await publishWithMosquitto(broker, { topic: `${topic}/settings/reported`, payload, protocolVersion });
    },
    async tellPresence(said) {
      const payload = said === 'present' ? 'online' : 'offline';
      await publishWithMosquitto(broker, { topic: `${topic}/status`, payload, protocolVersion });
    },
    async close() {
      await bringBrokerBack();
      await device.close();
    },
  };
}

async function* toCommands(messages: AsyncIterable<MosquittoReceived>): AsyncIterable<ReceivedCommand> {
  for await (const { topic, payload, userProperties } of messages) {
    // The device itself says this of its presence.
    if (topic.endsWith('/status')) continue;
    const sequence = /sequence:(\S+)/.exec(userProperties)?.[1];
    yield { bytes: payload, mayBeRepeat: userProperties.includes('may_be_repeat:true'), sequence };
  }
}
