import type { Devices, Execute } from './device.js';
import { keepingSettings } from './keeping-settings.js';
import { connectMqttDevice } from './mqtt-device.js';

export interface MqttDevicesOptions {
  readonly deviceIds: readonly string[];
  readonly execute: Execute;
  /** The broker, as `mqtt://host:port`. */
  readonly url: string;
  /** 5, or 4 for MQTT 3.1.1. Default 5. */
  readonly protocolVersion?: 5 | 4;
}

/**
 * Devices with a connection each to an MQTT broker, where they have a session: what is sent to one that is away, the broker keeps.
 * They take commands on `devices/<device id>/commands` and a level below it, and settings on `devices/<device id>/settings`. Resolves once all of
 * them have subscribed; rejects when the broker cannot be reached or refuses one.
 */
export async function startMqttDevices(settings: MqttDevicesOptions): Promise<Devices> {
  const { deviceIds, url, protocolVersion = 5 } = settings;
  const execute = keepingSettings(settings.execute);
  const connected = await Promise.allSettled(
    deviceIds.map((deviceId) => connectMqttDevice({ deviceId, execute, url, protocolVersion })),
  );
  const devices = new Map(
    connected.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [[outcome.value.deviceId, outcome.value]] : [],
    ),
  );

  async function close(): Promise<void> {
    await Promise.all([...devices.values()].map((device) => device.close()));
  }

  const refused = connected.find((outcome) => outcome.status === 'rejected');
  if (refused !== undefined) {
    await close();
    throw refused.reason;
  }
  return {
    deviceIds,
    sleep: (deviceId) => devices.get(deviceId)?.sleep(),
    wake: (deviceId) => devices.get(deviceId)?.wake(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
