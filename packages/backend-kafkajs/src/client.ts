/// <reference path="../types/kafkajs-request-queue.d.ts" />
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type KafkaOptions, silentLogger } from '@preservarium/backend';
import { type ISocketFactoryArgs, Kafka } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { quietWhen } from './client-log.js';
import { toClientOptions } from './client-options.js';
import { isCertificateFailure } from './to-pusher-error.js';

/** A kafkajs client whose connections can be ended at once, whatever kafkajs is waiting for. */
export interface Client {
  readonly kafka: Kafka;
  /** Why the last connection broke or could not be made. */
  readonly lastFailure: Error | undefined;
  /**
   * Ends all connections and lets kafkajs make no other: what it still retries fails at once and can write nothing more.
   * Its own `disconnect` waits for the answers of brokers that may be dead, and a `send` that is under way connects again.
   */
  destroy(): void;
}

export function createClient(settings: KafkaOptions): Client {
  stopIdleTimer();
  const sockets = new Set<Socket>();
  let destroyed = false;
  let lastFailure: Error | undefined;

  function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
    if (destroyed) throw new Error('this client was destroyed');
    const socket = ssl
      ? connectTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl, host, port }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
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

  function destroy(): void {
    destroyed = true;
    // kafkajs looks at a socket's errors, not at its close.
    for (const socket of sockets) socket.destroy(new Error('this client was destroyed'));
  }

  const kafka = new Kafka({
    ...toClientOptions({ ...settings, logger: quietWhen(() => destroyed, settings.logger ?? silentLogger) }),
    // An empty list is the one failure to connect that kafkajs does not retry.
    brokers: () => (destroyed ? [] : [...settings.brokers]),
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

let idleTimerStopped = false;

/**
 * After each answer kafkajs 2.2.4 schedules a look at its queue of delayed requests `throttledUntil - now` ahead, also
 * when nothing is delayed. `throttledUntil` is -1 then, the delay is negative, Node makes it 1 ms, and every connection
 * wakes up a thousand times a second for ever; Node 24 prints a TimeoutNegativeWarning too. There is nothing to look at
 * unless a request is queued or the broker asked for a pause, so only then the timer is set.
 */
function stopIdleTimer(): void {
  if (idleTimerStopped) return;
  idleTimerStopped = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
