import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Execution } from './command.js';

/**
 * - `present`: takes commands.
 * - `away`: has no subscription, so that commands wait with the connector.
 * - `offline`: has no connection but a session, so that the broker keeps commands.
 */
export type Presence = 'present' | 'away' | 'offline';

/** A device with a persistent session, which takes commands with QoS 1, records what it executes, and answers. */
export interface Device {
  readonly id: string;
  presence(): Presence;
  change(presence: Presence): Promise<void>;
  /** Says once more that it is present. */
  announce(): Promise<void>;
  close(): Promise<void>;
}

export async function connectDevice(
  url: string,
  id: string,
  onExecution: (execution: Execution) => void,
): Promise<Device> {
  const commandTopic = `devices/${id}/commands`;
  const status = { topic: `devices/${id}/status`, options: { qos: 1, retain: true } } as const;
  let presence: Presence = 'present';

  const client: MqttClient = await connectAsync(url, {
    clientId: id,
    protocolVersion: 5,
    clean: false,
    properties: { sessionExpiryInterval: 24 * 3_600 },
    reconnectPeriod: 200,
    resubscribe: false,
  });
  client.on('error', () => {});
  client.handleMessage = (packet, acknowledge) => {
    take(packet);
    acknowledge();
  };

  function take({ dup, properties }: IPublishPacket): void {
    const requestId = properties?.correlationData?.toString() ?? '';
    const mayBeRepeat = dup || properties?.userProperties?.may_be_repeat === 'true';
    const sequence = properties?.userProperties?.sequence?.toString();
    onExecution({ requestId, deviceId: id, atMs: Date.now(), mayBeRepeat, sequence });
    if (properties?.responseTopic === undefined) return;
    // Not awaited: its acknowledgement comes behind the messages that are being taken.
    client.publish(properties.responseTopic, '{"status":"succeeded"}', {
      qos: 1,
      ...(properties.correlationData && { properties: { correlationData: properties.correlationData } }),
    });
  }

  async function announce(): Promise<void> {
    await client.publishAsync(status.topic, presence === 'present' ? 'online' : 'offline', status.options);
  }

  async function change(next: Presence): Promise<void> {
    if (next === presence) return;
    const previous = presence;
    presence = next;
    if (previous === 'offline') await reconnect();
    if (next === 'offline') {
      await announce();
      await client.endAsync(true);
      return;
    }
    if (next === 'present') await client.subscribeAsync(commandTopic, { qos: 1 });
    else await client.unsubscribeAsync(commandTopic);
    await announce();
  }

  async function reconnect(): Promise<void> {
    const connected = new Promise((resolve) => client.once('connect', resolve));
    client.reconnect();
    await connected;
  }

  await client.subscribeAsync(commandTopic, { qos: 1 });
  await announce();
  return { id, presence: () => presence, change, announce, close: () => client.endAsync(true) };
}
