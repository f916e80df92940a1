import { settledWithin } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';
import type { KafkaConsumer, LibrdKafkaError } from 'node-rdkafka';
import type { RdkafkaClientOptions } from './client-options.js';
import { connectClient } from './rdkafka-client.js';
import { consumerConfig } from './rdkafka-config.js';
import type { ClientModule } from './rdkafka-module.js';
import { toPusherError } from './to-pusher-error.js';

/** A client takes 60 ms to connect and has threads of its own: it is kept for the next question, but not for long. */
const keptForMs = 10_000;
const connectTimeoutMs = 10_000;
/** How often a client hands over what the brokers said meanwhile, while a question is open. */
const pollIntervalMs = 100;

/** Clients that ask about consumer groups and join none. */
export interface GroupClients {
  /** Runs with the client of a group, which is connected when there is none. */
  use<T>(groupId: string, run: (consumer: KafkaConsumer) => Promise<T>): Promise<T>;
  /** Ends each client as soon as nothing uses it; resolves at the deadline at the latest. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

interface GroupClient {
  readonly consumer: KafkaConsumer;
  readonly connected: Promise<void>;
  readonly ended: PromiseWithResolvers<void>;
  /** Rejects when the brokers do not allow the group: librdkafka would ask until the deadline, and report a timeout. */
  readonly refused: PromiseWithResolvers<never>;
  serveEvents(): void;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

export function createGroupClients(client: ClientModule, options: RdkafkaClientOptions): GroupClients {
  const clients = new Map<string, GroupClient>();
  /** Those that have not ended; of a refused group, one that nobody uses any more is among them. */
  const unended = new Set<GroupClient>();
  let closed = false;

  function open(groupId: string): GroupClient {
    const { global, topic } = consumerConfig(options, groupId);
    const consumer: KafkaConsumer = new client.KafkaConsumer(global, topic);
    const refused = Promise.withResolvers<never>();
    refused.promise.catch(() => {});
    const onError = (error: LibrdKafkaError | null) => {
      if (error?.code !== client.CODES.ERRORS.ERR_GROUP_AUTHORIZATION_FAILED) return;
      // The client says so once. The next question gets another one: the group may be allowed by then.
      forget(groupId, opened);
      refused.reject(toPusherError(error, { groupId }));
    };
    const serveEvents = () => {
      consumer.setDefaultConsumeTimeout(0);
      consumer.consume(1, onError);
    };
    const connected = connectClient(consumer, options, {
      timeoutMs: connectTimeoutMs,
      serveEvents,
    });
    const ended = Promise.withResolvers<void>();
    const parts = { consumer, connected, ended, refused, serveEvents };
    const opened: GroupClient = { ...parts, users: 0, idle: undefined };
    clients.set(groupId, opened);
    unended.add(opened);
    return opened;
  }

  async function use<T>(groupId: string, run: (consumer: KafkaConsumer) => Promise<T>): Promise<T> {
    if (closed) throw new ClosedError('the rdkafka backend');
    const used = clients.get(groupId) ?? open(groupId);
    clearTimeout(used.idle);
    used.users++;
    try {
      await used.connected;
    } catch (error) {
      // It has ended by itself.
      forget(groupId, used);
      hasEnded(used);
      throw error;
    }
    const running = run(used.consumer);
    const polling = setInterval(used.serveEvents, pollIntervalMs);
    const release = () => {
      clearInterval(polling);
      used.users--;
      if (used.users > 0) return;
      const isKept = !closed && clients.get(groupId) === used;
      used.idle = setTimeout(end, isKept ? keptForMs : 0, groupId, used).unref();
    };
    // Also of a refused group: the client must not end before its request has.
    running.then(release, release);
    return Promise.race([running, used.refused.promise]);
  }

  /** Only while nothing uses it: a disconnect beside a request can crash the client. */
  function end(groupId: string, unused: GroupClient): void {
    clearTimeout(unused.idle);
    forget(groupId, unused);
    unused.consumer.disconnect(() => hasEnded(unused));
  }

  function forget(groupId: string, forgotten: GroupClient): void {
    if (clients.get(groupId) === forgotten) clients.delete(groupId);
  }

  function hasEnded(gone: GroupClient): void {
    unended.delete(gone);
    gone.ended.resolve();
  }

  async function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closed = true;
    const open = [...unended];
    for (const [groupId, unused] of clients) if (unused.users === 0) end(groupId, unused);
    await settledWithin(Promise.all(open.map(({ ended }) => ended.promise)), timeoutMs);
  }

  return { use, close };
}
