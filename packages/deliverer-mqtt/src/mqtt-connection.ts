import { PusherError } from '@preservarium/core';
import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import type { CompleteSettings } from './deliverer-settings.js';
import { beforeDeadline } from './mqtt-before-deadline.js';
import { toPusherError } from './mqtt-connect-error.js';

export interface ConnectionOptions {
  readonly settings: CompleteSettings;
  /** What it is for; makes its client id. */
  readonly purpose: 'commands' | 'answers';
  readonly session: Pick<IClientOptions, 'clean' | 'properties'>;
  /** Called for each connection that the broker accepted. It is open once this has resolved. */
  onConnect(client: MqttClient, connack: IConnackPacket): void | Promise<void>;
  onDisconnect(): void;
}

/** A connection that is made again for ever, whenever it breaks. */
export interface MqttConnection {
  readonly client: MqttClient;
  /** Resolves when it is open for the first time; rejects when it never can be. */
  readonly opened: Promise<void>;
  isOpen(): boolean;
  /** The last thing that went wrong. */
  lastError(): Error | undefined;
  /** Breaks it, so that another is made. */
  breakOff(): void;
  close(timeoutMs: number): Promise<void>;
}

const firstPauseMs = 250;
const maxPauseMs = 10_000;
const connackTimeoutMs = 10_000;
const keepAliveSeconds = 15;

export function connectToBroker(options: ConnectionOptions): MqttConnection {
  const { settings, purpose } = options;
  const { url, logger } = settings;
  const opened = Promise.withResolvers<void>();
  // It rejects also when nobody waits any more.
  opened.promise.catch(() => {});
  let isOpen = false;
  let lastError: Error | undefined;
  const client = connect(url, clientOptions(options));

  function failed(error: Error): void {
    lastError = error;
    logger.warn({ err: error, url, purpose }, 'MQTT connection failed');
    const fatal = PusherError.isInstance(error) ? error : toPusherError(error, url);
    if (fatal !== undefined) opened.reject(fatal);
  }

  async function open(connack: IConnackPacket): Promise<void> {
    const { stream } = client;
    try {
      await options.onConnect(client, connack);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return failed(error);
    }
    if (client.stream !== stream || !client.connected) return;
    isOpen = true;
    logger.info({ url, purpose }, 'MQTT connected');
    opened.resolve();
  }

  client.on('connect', (connack) => {
    client.options.reconnectPeriod = firstPauseMs;
    void open(connack);
  });
  client.on('reconnect', () => {
    const longest = Math.min((client.options.reconnectPeriod ?? firstPauseMs) * 2, maxPauseMs);
    client.options.reconnectPeriod = Math.round(longest * (0.5 + Math.random() / 2));
  });
  client.on('close', () => {
    if (isOpen) logger.warn({ url, purpose }, 'MQTT connection lost');
    isOpen = false;
    options.onDisconnect();
  });
  client.on('disconnect', ({ reasonCode, properties }) => {
    logger.warn({ url, purpose, reasonCode, reason: properties?.reasonString }, 'MQTT broker disconnects');
  });
  client.on('error', (error) => {
    failed(error);
    // After an answer that is not MQTT, mqtt.js reads nothing more from this connection, and leaves it open.
    client.stream.destroy();
  });

  return {
    client,
    opened: opened.promise,
    isOpen: () => isOpen,
    lastError: () => lastError,
    breakOff: () => void client.stream.destroy(),
    async close(timeoutMs) {
      isOpen = false;
      const { stream } = client;
      // What has come and is not taken any more keeps a stream from closing: it is enough that DISCONNECT is written.
      const written = new Promise((resolve) => stream.once('finish', resolve));
      // What is not connected has no DISCONNECT to send.
      const ended = client.endAsync(!client.connected);
      await beforeDeadline(Promise.race([ended, written]), { timeoutMs, signals: [] });
      stream.destroy();
    },
  };
}

function clientOptions({ settings, purpose, session }: ConnectionOptions): IClientOptions {
  const { clientId, protocolVersion, username, password, tls } = settings;
  return {
    ...session,
    ...tls,
    clientId: `${clientId}-${purpose}`,
    protocolVersion,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    keepalive: keepAliveSeconds,
    connectTimeout: connackTimeoutMs,
    reconnectPeriod: firstPauseMs,
    reconnectOnConnackError: true,
    // Subscriptions are made anew on each connection, by `onConnect`.
    resubscribe: false,
    log: () => {},
  };
}
