import { createInterface } from 'node:readline';
import { type Program, startProgram } from './program.js';
import type { Scene } from './scene.js';

const file = new URL('../../apps/mqtt-connector/dist/main.js', import.meta.url);
const askTimeoutMs = 2_000;
/** So short that some commands die while their devices are away: dead letters, which are sent again. */
const maxWaitSeconds = 20;

interface ConnectorState {
  readonly ready: boolean;
  readonly partitions?: readonly number[];
  readonly inFlight?: number;
  readonly waiting?: number;
}

export interface Connector extends Program {
  /** Returns the answer of `/readyz`; undefined if there is none. */
  state(): Promise<ConnectorState | undefined>;
}

/** Starts a connector's program as a user runs it. */
export function startConnector(
  { backend, kafka, mosquitto, topics, groupId }: Scene,
  presence: string,
  stateDir: string,
  logFile: string,
): Connector {
  const program = startProgram({
    file,
    logFile,
    args: [
      ...['--backend', backend, '--brokers', kafka.brokers.join(','), '--mqtt-url', mosquitto.url],
      ...['--command-topic', topics.commands, '--waiting-topic', topics.waiting],
      ...['--dead-letter-topic', topics.deadLetters, '--event-topic', topics.events],
      ...['--group-id', groupId, '--from', 'beginning', '--settings', 'off', '--health-port', '0'],
      ...['--presence', presence, '--state-dir', stateDir],
      ...['--max-wait-seconds', String(maxWaitSeconds)],
    ],
  });
  let port: number | undefined;
  if (program.child.stdout !== null) {
    createInterface({ input: program.child.stdout }).on('line', (line) => {
      port ??= /"healthPort":(\d+)/.exec(line)?.slice(1).map(Number)[0];
    });
  }
  return {
    ...program,
    async state() {
      if (port === undefined) return undefined;
      try {
        const signal = AbortSignal.timeout(askTimeoutMs);
        const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal });
        return (await response.json()) as ConnectorState;
      } catch {
        return undefined;
      }
    },
  };
}
