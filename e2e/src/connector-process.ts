import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ConnectorOptions } from '@preservarium/connector';
import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';

const program = fileURLToPath(new URL('./connector-program.ts', import.meta.url));

export interface ConnectorProgramOptions {
  readonly backend: 'kafkajs' | 'rdkafka';
  readonly brokers: readonly string[];
  readonly mqtt: Pick<
    MqttDelivererOptions,
    'url' | 'clientId' | 'answerGroup' | 'topicTemplate' | 'timeoutMs'
  >;
  readonly connector: Pick<ConnectorOptions, 'groupId' | 'from' | 'topics' | 'retry' | 'limits'>;
}

/** A connector in a process of its own. */
export interface ConnectorProcess {
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Asks it to end (SIGTERM), and resolves when it has. */
  end(): Promise<void>;
}

/** Resolves when the connector has joined its group. */
export async function startConnectorProcess(settings: ConnectorProgramOptions): Promise<ConnectorProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  const ready = once(child.stdout, 'data');
  const ended = exited.then(async () => {
    throw new Error(`the connector ended before it was ready: ${await errors}`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => {});
  return {
    kill: () => endBy(child, 'SIGKILL', exited),
    end: () => endBy(child, 'SIGTERM', exited),
  };
}

async function endBy(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<unknown>): Promise<void> {
  child.kill(signal);
  await exited;
}
