import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type KafkaOptions, readTls, silentLogger, type TlsOptions } from '@preservarium/backend';
import { type ISocketFactoryArgs, Kafka } from 'kafkajs';
import { addressOf, withoutColons } from './kafkajs-addresses.js';
import { addCodecs } from './kafkajs-codecs.js';
import { toClientConfig } from './kafkajs-config.js';
import { isCertificateFailure } from './kafkajs-failures.js';
import { acceptLeaderlessPartitions, nameDeniedGroups, stopIdleTimer } from './kafkajs-internals.js';
import { quietWhen } from './kafkajs-log.js';

/** A kafkajs client whose connections can be ended at once, whatever kafkajs waits for. */
export interface Client {
  readonly kafka: Kafka;
  /** Why the last connection broke or could not be made. */
  readonly lastFailure: Error | undefined;
  /**
   * Ends all connections and lets kafkajs make no other: what it still retries fails at once and can write nothing more.
   * Its own `disconnect` waits for the answers of brokers that may be dead, and a `send` in flight connects again.
   */
  destroy(): void;
}

/**
 * Returns a client that connects when it is first used.
 *
 * @param silenceLimitMs closes a connection that does not answer for so long. Default: none, for requests that the brokers may hold back
 */
export function createClient(
  options: KafkaOptions,
  { silenceLimitMs }: { readonly silenceLimitMs?: number } = {},
): Client {
  stopIdleTimer();
  addCodecs();
  acceptLeaderlessPartitions();
  nameDeniedGroups();
  const sockets = new Set<Socket>();
  let destroyed = false;
  let lastFailure: Error | undefined;

  function openSocket({ host: name, port, onConnect }: ISocketFactoryArgs): Socket {
    if (destroyed) throw new Error('this client was destroyed');
    const host = addressOf(name);
    const socket = options.tls
      ? connectTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tlsNow(), host, port }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    if (silenceLimitMs !== undefined) closeWhenSilent(socket, silenceLimitMs);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.once('error', (error) => {
      if (destroyed) return;
      lastFailure = error;
      // A certificate does not become good by another try.
      if (isCertificateFailure(error)) destroy();
    });
    return socket;
  }

  function tlsNow(): TlsOptions {
    try {
      return options.tls ? readTls(options.tls) : {};
    } catch (error) {
      lastFailure = error as Error;
      throw error;
    }
  }

  function destroy(): void {
    destroyed = true;
    // kafkajs looks at a socket's errors, not at its close.
    for (const socket of sockets) socket.destroy(new Error('this client was destroyed'));
  }

  const kafka = new Kafka({
    ...toClientConfig({ ...options, logger: quietWhen(() => destroyed, options.logger ?? silentLogger) }),
    // An empty list is the one failure to connect that kafkajs does not retry.
    brokers: () => (destroyed ? [] : options.brokers.map(withoutColons)),
    socketFactory: openSocket,
  });

  return {
    kafka,
    destroy,
    get lastFailure() {
      return lastFailure;
    },
  };
}

/** Closes the connection if something was written, and then neither written nor read for so long. */
function closeWhenSilent(socket: Socket, limitMs: number): void {
  let isAnswered = true;
  const write = socket.write;
  socket.write = function (this: Socket, ...args: unknown[]) {
    isAnswered = false;
    return Reflect.apply(write, this, args);
  };
  socket.on('data', () => {
    isAnswered = true;
  });
  socket.setTimeout(limitMs, () => {
    if (!isAnswered) socket.destroy(new Error(`no answer within ${limitMs} ms`));
  });
}
