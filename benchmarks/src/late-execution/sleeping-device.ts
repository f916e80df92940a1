import { setTimeout as pause } from 'node:timers/promises';
import { connect, connectAsync, type IClientOptions } from 'mqtt';

export interface DeviceKind {
  readonly url: string;
  /** 4 is MQTT 3.1.1. */
  readonly protocolVersion: 4 | 5;
  /** The broker keeps its session while it sleeps. */
  readonly isPersistent: boolean;
}

/** A message of a command, as the device that woke up received it. */
export interface ReceivedCommand {
  readonly number: number;
  /** The message said when it expires. */
  readonly hasExpiry: boolean;
}

const sessionExpiryInterval = 3_600;
const lastMessage = 'last';
/** A retained message may come after those of a session, and after the last one. */
const quietMs = 300;

/** Connects, subscribes and goes to sleep. */
export async function fallAsleep(kind: DeviceKind, deviceId: string): Promise<void> {
  const client = await connectAsync(kind.url, optionsOf(kind, deviceId));
  await client.subscribeAsync(topicOf(deviceId), { qos: 1 });
  await client.endAsync();
}

/** Connects and subscribes again; returns what the broker has for the device. */
export async function wakeUp(kind: DeviceKind, deviceId: string): Promise<readonly ReceivedCommand[]> {
  const received: ReceivedCommand[] = [];
  const end = Promise.withResolvers<void>();
  // Messages of the session come at once with the connection.
  const client = connect(kind.url, optionsOf(kind, deviceId));
  client.on('message', (_, payload, { properties }) => {
    const text = payload.toString();
    if (text === lastMessage) return end.resolve();
    // A retained message that was cleared.
    if (text === '') return;
    const content = JSON.parse(text) as { readonly number: number; readonly expires_at?: string };
    const hasExpiry =
      content.expires_at !== undefined || properties?.userProperties?.expires_at !== undefined;
    received.push({ number: content.number, hasExpiry });
  });
  await new Promise((resolve) => client.once('connect', resolve));
  await client.subscribeAsync(topicOf(deviceId), { qos: 1 });
  await client.publishAsync(topicOf(deviceId), lastMessage, { qos: 1 });
  await end.promise;
  await pause(quietMs);
  await client.endAsync();
  return received;
}

function topicOf(deviceId: string): string {
  return `devices/${deviceId}/commands`;
}

function optionsOf({ protocolVersion, isPersistent }: DeviceKind, clientId: string): IClientOptions {
  return {
    protocolVersion,
    clientId,
    clean: !isPersistent,
    reconnectPeriod: 0,
    ...(protocolVersion === 5 && isPersistent && { properties: { sessionExpiryInterval } }),
  };
}
