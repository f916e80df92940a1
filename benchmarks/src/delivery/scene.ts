import { ConfigurationError } from '@preservarium/core';
import { type KafkaCluster, type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import { type Devices, startDevices } from './devices.js';

/** The environment of all contestants. */
export interface Scene extends AsyncDisposable {
  readonly kafka: KafkaCluster;
  readonly mosquitto: Mosquitto;
  readonly devices: Devices;
}

export async function openScene(kafka: KafkaCluster): Promise<Scene> {
  if (kafka.kind === 'mock') {
    throw new ConfigurationError(
      'the delivery benchmark needs a real Kafka: install Java 17 with Maven, or Docker',
    );
  }
  const mosquitto = await startMosquitto({ configuration: ['max_inflight_messages 1000'] });
  const devices = startDevices(mosquitto.url);
  return {
    kafka,
    mosquitto,
    devices,
    async [Symbol.asyncDispose]() {
      await devices[Symbol.asyncDispose]();
      await mosquitto.stop();
    },
  };
}
