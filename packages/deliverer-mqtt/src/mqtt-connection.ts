import { readTls } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { ConfigurationError, PusherError } from '@preservarium/core';
import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import type { CompleteOptions } from './deliverer-options.js';
import { toPusherError } from './mqtt-connect-error.js';
import { redirectOf } from './mqtt-redirect.js';
import type { Blame } from './mqtt-suspects.js';
import { createTakeoverDetector, sessionTakenOver } from './mqtt-takeover.js';

export interface ConnectionOptions {
  readonly settings: CompleteOptions;
  /** Purpose of the connection, a part of its client id. */
  readonly purpose: 'commands' | 'answers';
  readonly session: Pick<IClientOptions, 'clean' | 'properties'>;
  /** Called for each connection that the broker accepted. It is open once this has resolved. */
  onConnect(client: MqttClient, connack: IConnackPacket): void | Promise<void>;
  /** @param blame whether the connection ended for a packet of this client, as far as is known */
  onDisconnect(blame: Blame | undefined): void;
}

/** A connection that reconnects without limit. */
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

/** Answers of the broker for which a packet is to blame: malformed, protocol error, too large, payload format (MQTT 5.0, section 3.14.2.1). */
const blamingReasons: readonly (number | undefined)[] = [0x81, 0x82, 0x95, 0x99];
const firstPauseMs = 250;
/** A connection that lasts for so long begins again with the shortest pause. */
const stableMs = 5_000;
/** The same, where another client has the same client id: they shall not drive one another out all the time. */
const stableAfterTakeoverMs = 60_000;
const maxPauseMs = 10_000;
const connackTimeoutMs = 10_000;
const keepAliveSeconds = 15;

export function connectToBroker(options: ConnectionOptions): MqttConnection {
  const { settings, purpose } = options;
  const { url, shownUrl, logger } = settings;
  const opened = Promise.withResolvers<void>();
  // It rejects also when nobody waits any more.
  opened.promise.catch(() => {});
  let isOpen = false;
  let lastError: Error | undefined;
  let redirect: Error | undefined;
  let blame: Blame | undefined;
  let stable: NodeJS.Timeout | undefined;
  let stablePeriodMs = stableMs;
  const takeover = createTakeoverDetector(() => performance.now());
  const client = connect(url, clientOptions(options));

  function failed(given: Error): void {
    // The error that mqtt.js makes of a CONNACK does not name the other server.
    const error = redirect ?? given;
    redirect = undefined;
    lastError = error;
    takeover.failed();
    logger.warn({ err: error, url: shownUrl, purpose }, 'MQTT connection failed');
    const fatal = PusherError.isInstance(error) ? error : toPusherError(error, shownUrl);
    if (fatal !== undefined) opened.reject(fatal);
  }

  /** The broker may allow a refused subscription later: the connection repeats it as long as it lasts. */
  async function open(connack: IConnackPacket): Promise<void> {
    const { stream } = client;
    const isCurrent = () => client.stream === stream && client.connected;
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    for (let pauseMs = firstPauseMs; isCurrent(); pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        await options.onConnect(client, connack);
      } catch (error) {
        failed(error instanceof Error ? error : new Error(String(error)));
        await settledWithin(closed, pauseMs);
        continue;
      }
      if (!isCurrent()) return;
      isOpen = true;
      logger.info({ url: shownUrl, purpose }, 'MQTT connected');
      opened.resolve();
      return;
    }
  }

  function takenOver(certainty: 'sure' | 'likely'): void {
    const { clientId } = client.options;
    const what =
      certainty === 'sure'
        ? `another client connected with the client id "${clientId}", so that the broker ended this connection`
        : `the broker ends each connection soon: another client probably uses the client id "${clientId}"`;
    lastError = new ConfigurationError(`${what}; give each connector its own clientId (MQTT_CLIENT_ID)`);
    stablePeriodMs = stableAfterTakeoverMs;
    client.options.reconnectPeriod = jittered(maxPauseMs);
    logger.error({ err: lastError, url: shownUrl, purpose, clientId }, 'MQTT connection taken over');
  }

  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'connack' && packet.cmd !== 'disconnect') return;
    redirect = redirectOf(packet, shownUrl);
    if (packet.cmd === 'disconnect' && redirect !== undefined) failed(redirect);
  });
  client.on('connect', (connack) => {
    takeover.connected();
    blame = 'possible';
    stable = setTimeout(() => {
      client.options.reconnectPeriod = firstPauseMs;
      stablePeriodMs = stableMs;
    }, stablePeriodMs).unref();
    void open(connack);
  });
  client.on('reconnect', () => {
    try {
      Object.assign(client.options, credentialsOf(settings));
    } catch (error) {
      // The connection that follows fails too, and says less.
      failed(error as Error);
    }
    const longest = Math.min((client.options.reconnectPeriod ?? firstPauseMs) * 2, maxPauseMs);
    client.options.reconnectPeriod = jittered(longest);
  });
  client.on('close', () => {
    clearTimeout(stable);
    const certainty = takeover.closed();
    if (certainty !== undefined && !client.disconnecting) takenOver(certainty);
    if (isOpen) logger.warn({ url: shownUrl, purpose }, 'MQTT connection lost');
    isOpen = false;
    options.onDisconnect(client.disconnecting ? undefined : blame);
  });
  client.on('disconnect', ({ reasonCode, properties }) => {
    takeover.disconnecting(reasonCode);
    blame = blamingReasons.includes(reasonCode) ? 'sure' : undefined;
    // Before mqtt.js takes the pause, at the close of the connection.
    if (reasonCode === sessionTakenOver) client.options.reconnectPeriod = jittered(maxPauseMs);
    logger.warn(
      { url: shownUrl, purpose, reasonCode, reason: properties?.reasonString },
      'MQTT broker disconnects',
    );
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
    breakOff() {
      takeover.failed();
      blame = undefined;
      client.stream.destroy();
    },
    async close(timeoutMs) {
      isOpen = false;
      const { stream } = client;
      // Data that is not read any more keeps a stream from closing: it is enough to write DISCONNECT.
      const written = new Promise((resolve) => stream.once('finish', resolve));
      // Without a connection there is no DISCONNECT to send.
      const ended = client.endAsync(!client.connected);
      await settledWithin(Promise.race([ended, written]), timeoutMs);
      stream.destroy();
    },
  };
}

function clientOptions({ settings, purpose, session }: ConnectionOptions): IClientOptions {
  const { clientId, protocolVersion } = settings;
  return {
    ...session,
    ...credentialsOf(settings),
    clientId: `${clientId}-${purpose}`,
    protocolVersion,
    keepalive: keepAliveSeconds,
    connectTimeout: connackTimeoutMs,
    reconnectPeriod: firstPauseMs,
    reconnectOnConnackError: true,
    // Subscriptions are made anew on each connection, by `onConnect`.
    resubscribe: false,
    log: () => {},
  };
}

/** The password and the certificates as they are now: mqtt.js takes them from its options for each connection. */
function credentialsOf({ username, password, tls, webSocketHeaders }: CompleteOptions): IClientOptions {
  const certificates = tls === undefined ? {} : readTls(tls);
  return {
    ...certificates,
    // A WebSocket has its own.
    wsOptions: { ...certificates, ...(webSocketHeaders !== undefined && { headers: webSocketHeaders }) },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: typeof password === 'function' ? password() : password }),
  };
}

function jittered(ms: number): number {
  return Math.round(ms * (0.5 + Math.random() / 2));
}
