import { connect, type IPublishPacket } from 'mqtt';
import type { Execute } from './device.js';
import { readMqttCommand, responseTopicOf } from './mqtt-command.js';
import { writeJson } from './read-payload.js';
import { runCommand } from './run-command.js';

export interface MqttDeviceOptions {
  readonly deviceId: string;
  readonly execute: Execute;
  readonly url: string;
  readonly protocolVersion: 5 | 4;
}

interface MqttDevice {
  readonly deviceId: string;
  sleep(): void;
  wake(): void;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
/** Commands that the device has taken and not executed yet; the others stay with the broker. */
const maxTaken = 100;

/** Connects a device, says that it is online, and lets the broker say so when it has gone. */
export async function connectMqttDevice(settings: MqttDeviceOptions): Promise<MqttDevice> {
  const { deviceId, execute, url, protocolVersion } = settings;
  const status = { topic: `devices/${deviceId}/status`, qos: 1, retain: true } as const;
  const settingsTopic = `devices/${deviceId}/settings`;
  let awake = new AbortController();
  let taken = 0;
  let lastTaken: Promise<void> = Promise.resolve();
  let takeMore: (() => void) | undefined;

  const client = connect(url, {
    clientId: `simulated-${deviceId}`,
    protocolVersion,
    clean: false,
    ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 3_600 } }),
    will: { ...status, payload: Buffer.from('offline') },
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 1_000,
    manualConnect: true,
    resubscribe: false,
  });

  client.handleMessage = (packet, callback) => {
    const { signal } = awake;
    taken += 1;
    lastTaken = lastTaken
      .then(() => take(packet, signal))
      .then(() => {
        taken -= 1;
        takeMore?.();
        takeMore = undefined;
      });
    if (taken < maxTaken) callback();
    else takeMore = callback;
  };

  async function take(packet: IPublishPacket, signal: AbortSignal): Promise<void> {
    // Nothing on the topic of settings means that there are none any more to be taken.
    if (signal.aborted || (packet.topic === settingsTopic && packet.payload.length === 0)) return;
    const command = readMqttCommand(deviceId, packet);
    const topic = responseTopicOf(packet, command);
    if (topic !== undefined) say(topic, packet, { status: 'delivered' });
    const said = await runCommand(execute, command, signal);
    if (topic !== undefined && said !== undefined) say(topic, packet, said);
    if (command.commandType === 'settings' && said?.status === 'succeeded') {
      client.publish(`${settingsTopic}/reported`, writeJson(said.result), { qos: 1 });
    }
  }

  /** Not awaited: its acknowledgement comes behind the messages that are being taken. */
  function say(topic: string, { properties = {} }: IPublishPacket, said: object): void {
    const { correlationData, userProperties } = properties;
    const { traceparent, tracestate } = userProperties ?? {};
    const trace = { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) };
    client.publish(topic, writeJson(said), {
      qos: 1,
      ...(correlationData !== undefined && {
        // mqtt.js sends nothing, and says nothing, where the user properties are an empty object.
        properties: { correlationData, ...(traceparent && { userProperties: trace }) },
      }),
    });
  }

  function sayOnline(): void {
    client.publish(status.topic, 'online', status);
  }

  /** At each connection anew, and to settings with QoS 0: so it gets the newest, and the broker keeps none of those in between. */
  async function subscribe(): Promise<void> {
    await client.subscribeAsync({
      [`devices/${deviceId}/commands`]: { qos: 1 },
      [`devices/${deviceId}/commands/+`]: { qos: 1 },
      [settingsTopic]: { qos: 0 },
    });
  }

  try {
    // Messages that the broker kept come with the connection, so the listener is added before.
    await new Promise((resolve, reject) => {
      client.once('connect', resolve);
      client.once('error', reject);
      client.connect();
    });
    await subscribe();
  } catch (error) {
    await client.endAsync(true);
    throw error;
  }
  sayOnline();
  client.on('connect', () => {
    // A connection that breaks meanwhile is followed by another.
    subscribe().catch(() => {});
    sayOnline();
  });
  // From now on it connects again by itself.
  client.on('error', () => {});
  return {
    deviceId,
    sleep() {
      awake.abort();
      client.end(true);
    },
    wake() {
      if (!awake.signal.aborted) return;
      awake = new AbortController();
      client.reconnect();
    },
    async close() {
      awake.abort();
      await client.endAsync(true);
    },
  };
}
