import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface StartConnectorOptions {
  /** Beside the address of Kafka, the only variables that it sees. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface ConnectorResult {
  readonly exitCode: number | null;
  readonly stderr: string;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A connector's program as a user runs it; it ends with the scope. */
export interface TestedConnector extends AsyncDisposable {
  /** Asks its health server until the answer is the expected one. */
  until(path: '/healthz' | '/readyz', isExpected: (answer: ProbeAnswer) => boolean): Promise<ProbeAnswer>;
  /** The content of `/metrics`. */
  scrape(): Promise<string>;
  /** Resolves once it has logged this message. */
  logged(message: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<ConnectorResult>;
}

const timeoutMs = 45_000;
const pollMs = 50;

/** The flags of a connector that works on a topic of a test's own, and on others that are named after it. */
export function connectorArguments(topic: string): string[] {
  return [
    ...['--command-topic', topic, '--waiting-topic', `${topic}-waiting`],
    ...['--settings-topic', `${topic}-settings`, '--reported-settings-topic', `${topic}-reported`],
    ...['--dead-letter-topic', `${topic}-dead`, '--event-topic', `${topic}-events`],
    ...['--group-id', topic, '--from', 'beginning', '--health-port', '0'],
  ];
}

/** @param main the built program */
export function startConnector(
  main: URL,
  args: readonly string[],
  { environment }: StartConnectorOptions = {},
): TestedConnector {
  const { PATH, KAFKA_BOOTSTRAP_SERVERS } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(main), ...args], {
    // Where no .env file is.
    cwd: tmpdir(),
    env: { PATH, KAFKA_BOOTSTRAP_SERVERS, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = text(child.stderr);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const ended = Promise.all([closed, stderr]).then(([[exitCode], stderr]) => ({ exitCode, stderr }));
  const healthPort = Promise.withResolvers<number>();
  const log: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg, healthPort: port } = JSON.parse(line);
    log.push(msg);
    if (port !== undefined) healthPort.resolve(port);
  });

  /** Asks again and again until there is an answer. */
  async function poll<Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer> {
    const deadlineAt = performance.now() + timeoutMs;
    while (performance.now() < deadlineAt) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (child.exitCode !== null) break;
      await pause(pollMs);
    }
    child.kill('SIGKILL');
    throw new Error(`no ${what}; the connector logged ${log.join(' | ')}, and said: ${await stderr}`);
  }

  /** Fails where the program has ended: `poll` then says what it logged. */
  async function probe(url: string): Promise<ProbeAnswer> {
    const response = await fetch(url);
    return { status: response.status, body: (await response.json()) as ProbeAnswer['body'] };
  }

  async function urlOf(path: string): Promise<string> {
    const port = await Promise.race([healthPort.promise, ended.then(() => undefined)]);
    return `http://127.0.0.1:${port}${path}`;
  }

  return {
    async until(path, isExpected) {
      const url = await urlOf(path);
      return poll(`expected answer at ${path}`, async () => {
        const answer = await probe(url).catch(() => undefined);
        return answer !== undefined && isExpected(answer) ? answer : undefined;
      });
    },
    async scrape() {
      const response = await fetch(await urlOf('/metrics'));
      return response.text();
    },
    async logged(message) {
      await poll(`"${message}"`, async () => (log.includes(message) ? true : undefined));
    },
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
