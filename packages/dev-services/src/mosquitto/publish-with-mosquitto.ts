import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { BackendUnavailableError } from '@preservarium/core';
import { findMosquitto } from './find-mosquitto.js';
import type { Mosquitto } from './mosquitto.js';
import { clientArguments, type MosquittoClientOptions } from './mosquitto-client.js';

export interface MosquittoMessage extends MosquittoClientOptions {
  readonly topic: string;
  readonly payload: string | Buffer;
  /** Default 1. */
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  /** MQTT 5: what relates an answer to its request. */
  readonly correlationData?: string;
  /** MQTT 5. */
  readonly userProperties?: Readonly<Record<string, string>>;
}

const timeoutMs = 10_000;

/** Publishes one message with `mosquitto_pub`; resolves when the program has ended well, with QoS 1 on the broker's answer. */
export async function publishWithMosquitto(broker: Mosquitto, message: MosquittoMessage): Promise<void> {
  const { topic, payload, qos = 1, retain = false, correlationData, userProperties = {} } = message;
  const properties = [
    ...(correlationData === undefined ? [] : ['-D', 'publish', 'correlation-data', correlationData]),
    ...Object.entries(userProperties).flatMap((pair) => ['-D', 'publish', 'user-property', ...pair]),
  ];
  const child = spawn(
    findMosquitto('mosquitto_pub'),
    [
      ...clientArguments(broker, message),
      ...['-t', topic, '-q', String(qos), ...(retain ? ['-r'] : []), ...properties],
      // Its standard input must not be empty.
      payload.length === 0 ? '-n' : '-s',
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' },
  );
  // Where the program ends before it has read all, its exit code says so.
  child.stdin.on('error', () => {});
  child.stdin.end(payload);
  const [printed, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new BackendUnavailableError(`mosquitto_pub failed: ${printed.trim()}`);
}
