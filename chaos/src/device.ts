import { setTimeout as pause } from 'node:timers/promises';
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

export interface ConnectDeviceOptions {
  readonly url: string;
  readonly id: string;
  onExecution(execution: Execution): void;
  /** Asked for each command: when the device dies, which acknowledges it in any case; undefined where it does not. */
  drawDeath(): 'before execution' | 'before answer' | undefined;
}

/** Time for PUBACK to leave a device that dies. */
const lastBreathMs = 20;

export async function connectDevice({
  url,
  id,
  onExecution,
  drawDeath,
}: ConnectDeviceOptions): Promise<Device> {
  const commandTopic = `devices/${id}/commands`;
  const status = { topic: `devices/${id}/status`, options: { qos: 1, retain: true } } as const;
  let presence: Presence = 'present';
  let isDead = false;

  const client: MqttClient = await connectAsync(url, {
    clientId: id,
    protocolVersion: 5,
    clean: false,
    properties: { sessionExpiryInterval: 24 * 3_600 },
    reconnectPeriod: 200,
    resubscribe: false,
  });
  client.on('error', () => {});
  client.on('connect', ({ sessionPresent }) => {
    isDead = false;
    // The broker has lost the session, or this is the first connection.
    if (!sessionPresent && presence === 'present') void until(subscribe);
  });
  client.handleMessage = (packet, acknowledge) => {
    // The broker keeps what a dead device does not acknowledge.
    if (isDead) return;
    const death = drawDeath();
    if (death !== 'before execution') take(packet, death === undefined);
    acknowledge();
    if (death !== undefined) void die();
  };

  async function die(): Promise<void> {
    isDead = true;
    const { stream } = client;
    await pause(lastBreathMs);
    stream.destroy();
  }

  async function subscribe(): Promise<void> {
    await client.subscribeAsync(commandTopic, { qos: 1 });
    await publishPresence();
  }

  function take({ dup, properties }: IPublishPacket, answers: boolean): void {
    const requestId = properties?.correlationData?.toString() ?? '';
    const mayBeRepeat = dup || properties?.userProperties?.may_be_repeat === 'true';
    const sequence = properties?.userProperties?.sequence?.toString();
    onExecution({ requestId, deviceId: id, atMs: Date.now(), mayBeRepeat, sequence });
    if (!answers || properties?.responseTopic === undefined) return;
    // Not awaited: its acknowledgement comes behind the messages that are being taken.
    client.publish(properties.responseTopic, '{"status":"succeeded"}', {
      qos: 1,
      ...(properties.correlationData && { properties: { correlationData: properties.correlationData } }),
    });
  }

  async function publishPresence(): Promise<void> {
    await client.publishAsync(status.topic, presence === 'present' ? 'online' : 'offline', status.options);
  }

  function announce(): Promise<void> {
    return until(publishPresence);
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
    if (next === 'present') return until(subscribe);
    await until(() => client.unsubscribeAsync(commandTopic));
    await announce();
  }

  async function reconnect(): Promise<void> {
    const connected = new Promise((resolve) => client.once('connect', resolve));
    client.reconnect();
    await connected;
  }

  await until(subscribe);
  return { id, presence: () => presence, change, announce, close: () => client.endAsync(true) };
}

const againMs = 200;
const answerTimeoutMs = 5_000;

/** Repeats it until it succeeds: a broker that is killed answers nothing, and the client may then wait without end. */
async function until(attempt: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const isDone = await Promise.race([
      attempt().then(
        () => true,
        () => false,
      ),
      pause(answerTimeoutMs, false),
    ]);
    if (isDone) return;
    await pause(againMs);
  }
}
