import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { within } from '@preservarium/conformance';
import { BackendUnavailableError } from '@preservarium/core';
import { findMosquitto } from './find-mosquitto.js';
import type { Mosquitto } from './mosquitto.js';
import { clientArguments, type MosquittoClientOptions } from './mosquitto-client.js';

export interface MosquittoSubscription extends MosquittoClientOptions {
  readonly topic: string;
  /** Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** True: the broker keeps messages while the subscriber is offline; needs a `clientId`. */
  readonly persistent?: boolean;
}

/** A message as `mosquitto_sub` printed it; what it did not carry is empty. */
export interface MosquittoReceived {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
  readonly contentType: string;
  readonly correlationData: string;
  readonly expiryIntervalSeconds: string;
  readonly responseTopic: string;
  /** `key:value`, each after a space. */
  readonly userProperties: string;
}

/** A running `mosquitto_sub`, which connects again by itself. */
export interface MosquittoSubscriber extends AsyncDisposable {
  /** Read once. */
  readonly received: AsyncIterable<MosquittoReceived>;
  /** Resolves at the next subscription after a lost connection. */
  subscribedAgain(): Promise<void>;
  close(): Promise<void>;
}

const timeoutMs = 15_000;
// Into a pipe, mosquitto_sub by itself says that it is subscribed only when it has much more to say.
const lineByLine = 'stdbuf';
// Tells messages from what the program says about itself.
const mark = 'message';
const format = [mark, '%t', '%x', '%q', '%r', '%C', '%D', '%E', '%R', '%P'].join('\t');

/** A device that nobody here wrote; resolves once it is subscribed. */
export async function subscribeWithMosquitto(
  broker: Mosquitto,
  subscription: MosquittoSubscription,
): Promise<MosquittoSubscriber> {
  const { topic, qos = 1, persistent = false } = subscription;
  const child = spawn(
    lineByLine,
    [
      ...['-oL', findMosquitto('mosquitto_sub')],
      ...clientArguments(broker, subscription),
      ...['-d', '-t', topic, '-q', String(qos), '-F', format, ...(persistent ? ['-c'] : [])],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const received = new PassThrough({ objectMode: true });
  const exited = once(child, 'close');
  let subscribed = Promise.withResolvers<void>();
  let printed = '';
  child.stderr.on('data', (data: Buffer) => {
    printed += data.toString();
  });
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith(`${mark}\t`)) received.write(parseMessage(line));
    if (!line.endsWith('received SUBACK')) return;
    subscribed.resolve();
    subscribed = Promise.withResolvers();
  });

  async function close(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
    received.end();
  }

  const ended = exited.then(() => {
    throw new BackendUnavailableError(`mosquitto_sub ended before it was subscribed: ${printed.trim()}`);
  });
  try {
    await within(Promise.race([subscribed.promise, ended]), timeoutMs, `a subscription to ${topic}`);
  } catch (error) {
    await close();
    throw error;
  }
  ended.catch(() => {});
  return {
    received,
    subscribedAgain: () => within(subscribed.promise, timeoutMs, `a new subscription to ${topic}`),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function parseMessage(line: string): MosquittoReceived {
  const [
    ,
    topic = '',
    payload = '',
    qos,
    retain,
    contentType = '',
    correlationData = '',
    expiryIntervalSeconds = '',
    responseTopic = '',
    userProperties = '',
  ] = line.split('\t');
  return {
    topic,
    payload: Buffer.from(payload, 'hex'),
    qos: Number(qos),
    retain: retain === '1',
    contentType,
    correlationData,
    expiryIntervalSeconds,
    responseTopic,
    userProperties,
  };
}
