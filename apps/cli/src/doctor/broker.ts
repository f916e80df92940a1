import { randomUUID } from 'node:crypto';
import { settledWithin } from '@preservarium/concurrency';
import { AuthenticationError } from '@preservarium/core';
import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';
import type { IConnackPacket, MqttClient } from 'mqtt';
import { type ConnectedClient, connectOnce, type MqttLogin } from './mqtt-client.js';

/** A message that does not come for so long does not come. */
const silenceMs = 1_000;

/** A topic of another device that a client may use. */
interface ForeignRight {
  readonly right: 'write' | 'read';
  readonly topic: string;
  /** The consequence. */
  readonly why: string;
}

/** The facts that were read of an MQTT broker. */
export interface Broker {
  readonly url: URL;
  /** Of the CONNACK of MQTT 5; empty with 3.1.1. */
  readonly limits: NonNullable<IConnackPacket['properties']>;
  readonly takesAnonymous: boolean;
  /** The client whose rights were tried; undefined where there is none. */
  readonly tried: string | undefined;
  readonly foreignRights: readonly ForeignRight[];
}

export interface ReadBrokerOptions {
  readonly mqtt: MqttDelivererOptions;
  /** The login of any one device. Without it, the rights of a client without a login are tried. */
  readonly device: MqttLogin | undefined;
  readonly timeoutMs: number;
}

/**
 * Connects as a connector, without a login, and as a device, and tries what that device may do at the topics of a device that nobody has.
 *
 * @throws AuthenticationError, BackendUnavailableError where the connector or the device cannot connect
 */
export async function readBroker({ mqtt, device, timeoutMs }: ReadBrokerOptions): Promise<Broker> {
  const open: MqttClient[] = [];
  const join = async (login: MqttLogin | undefined): Promise<ConnectedClient> => {
    const connected = await connectOnce(mqtt, login, timeoutMs);
    open.push(connected.client);
    return connected;
  };
  try {
    const connector = await join(ownLogin(mqtt));
    const anonymous = await join(undefined).catch(unlessRefused);
    const tried = device === undefined ? anonymous : await join(device);
    return {
      url: new URL(mqtt.url),
      limits: connector.connack.properties ?? {},
      takesAnonymous: anonymous !== undefined,
      tried: tried && (device === undefined ? 'a client without a login' : `the device "${device.username}"`),
      foreignRights: tried === undefined ? [] : await foreignRights(tried.client, connector.client, mqtt),
    };
  } finally {
    await Promise.all(open.map((client) => client.endAsync(true)));
  }
}

function ownLogin({ username, password }: MqttDelivererOptions): MqttLogin | undefined {
  if (username === undefined) return undefined;
  return { username, password: (typeof password === 'function' ? password() : password) ?? '' };
}

function unlessRefused(error: unknown): undefined {
  if (!AuthenticationError.isInstance(error)) throw error;
}

async function foreignRights(
  tried: MqttClient,
  connector: MqttClient,
  mqtt: MqttDelivererOptions,
): Promise<readonly ForeignRight[]> {
  const deviceId = `pusher-doctor-${randomUUID().slice(0, 8)}`;
  const topic = (template: string) =>
    template.replace(/\{\+?deviceId\}/g, deviceId).replace(/\{\+?requestId\}/g, 'doctor');
  const commands = topic(mqtt.topicTemplate ?? 'devices/{deviceId}/commands');
  const speech = {
    answers: topic(mqtt.responseTopicTemplate ?? 'devices/{deviceId}/commands/{requestId}/response'),
    'reported settings': topic(mqtt.reportedSettingsTopicTemplate ?? 'devices/{deviceId}/settings/reported'),
    presence: topic(mqtt.presenceTopicTemplate ?? 'devices/{deviceId}/status'),
  };
  const rights: ForeignRight[] = [];
  for (const [what, name] of Object.entries(speech)) {
    if (await arrives(name, tried, connector)) {
      rights.push({ right: 'write', topic: name, why: `it forges the ${what} of other devices` });
    }
  }
  if (await arrives(commands, connector, tried)) {
    rights.push({ right: 'read', topic: commands, why: 'it reads the commands of other devices' });
  }
  // Some brokers answer that they have a message which they drop: only one that arrives is evidence.
  if (await arrives(commands, tried, tried)) {
    rights.push({ right: 'write', topic: commands, why: 'it commands other devices' });
  }
  return rights;
}

/** Returns true if a message from one client comes to the other. */
async function arrives(topic: string, from: MqttClient, to: MqttClient): Promise<boolean> {
  const payload = randomUUID();
  const arrived = Promise.withResolvers<void>();
  const look = (found: string, message: Buffer) => {
    if (found === topic && message.toString() === payload) arrived.resolve();
  };
  to.on('message', look);
  try {
    await to.subscribeAsync(topic, { qos: 1 });
    await from.publishAsync(topic, payload, { qos: 1 });
    return await settledWithin(arrived.promise, silenceMs);
  } catch {
    // The broker refuses the subscription or the message.
    return false;
  } finally {
    to.off('message', look);
    await to.unsubscribeAsync(topic).catch(() => {});
  }
}
