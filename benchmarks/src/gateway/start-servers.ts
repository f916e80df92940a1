import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChildProgram } from '../child-program.js';

/** A server that takes `POST /v1/commands`, in a process of its own. */
export interface HttpServer extends AsyncDisposable {
  readonly url: string;
}

export interface ServerOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
}

export interface GatewayOptions extends ServerOptions {
  /** The file of the store. Default: a new one. */
  readonly storePath?: string;
}

export async function startBareRoute(options: ServerOptions): Promise<HttpServer> {
  const program = startChildProgram<null, { readonly url: string }>(
    new URL('./bare-program.js', import.meta.url),
    options,
  );
  const { url } = await program.ask(null, { timeoutMs: 30_000 });
  return { url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** The program as users run it, with its store in a file. */
export async function startGateway({ brokers, topic, storePath }: GatewayOptions): Promise<HttpServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
  const program = fileURLToPath(new URL('../../apps/gateway/dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [program, '--backend', 'rdkafka', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      KAFKA_BOOTSTRAP_SERVERS: brokers.join(),
      DEVICE_COMMAND_TOPIC: topic,
      DEVICE_EVENT_TOPIC: `${topic}-events`,
      DEVICE_SETTINGS_TOPIC: `${topic}-settings`,
      DEVICE_REPORTED_SETTINGS_TOPIC: `${topic}-reported`,
      GATEWAY_REQUESTS_PER_SECOND: '10000000',
      ...(storePath !== undefined && { COMMAND_STORE_URL: `sqlite:${storePath}` }),
    },
  });
  const ended = once(child, 'exit');
  const serving = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg, url } = JSON.parse(line);
    if (msg === 'serving') serving.resolve(url);
  });
  const failed = ended.then(() => {
    throw new Error('the gateway ended before it served');
  });
  failed.catch(() => {});
  return {
    url: await Promise.race([serving.promise, failed]),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
