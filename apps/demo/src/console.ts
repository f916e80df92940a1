import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { BackendName } from './backend-names.js';
import { topics } from './topics.js';

/** The gateway, which serves the console. */
export interface Console extends AsyncDisposable {
  readonly url: string;
}

export interface ConsoleOptions {
  readonly brokers: readonly string[];
  readonly backend: BackendName;
  /** Groups of the connectors by protocol. */
  readonly groups: Readonly<Record<string, string>>;
}

/** Starts a gateway for the topics of the demo, on a free port and with a store of its own. Resolves when it serves. */
export async function startConsole({ brokers, backend, groups }: ConsoleOptions): Promise<Console> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const manifest = createRequire(import.meta.url).resolve('@preservarium/gateway/package.json');
  const child = spawn(process.execPath, [join(dirname(manifest), 'dist/main.js')], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      KAFKA_BOOTSTRAP_SERVERS: brokers.join(','),
      PUSHER_BACKEND: backend,
      DEVICE_COMMAND_TOPIC: topics.commands,
      DEVICE_WAITING_TOPIC: topics.waiting,
      DEVICE_DEAD_LETTER_TOPIC: topics.deadLetters,
      DEVICE_EVENT_TOPIC: topics.events,
      DEVICE_SETTINGS_TOPIC: topics.settings,
      DEVICE_REPORTED_SETTINGS_TOPIC: topics.reportedSettings,
      GATEWAY_PORT: '0',
      GATEWAY_CONNECTOR_GROUPS: Object.entries(groups)
        .map((pair) => pair.join('='))
        .join(','),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill());
  const ended = once(child, 'exit');
  const mistake = text(child.stderr);
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg, url } = JSON.parse(line) as { readonly msg: string; readonly url?: string };
    if (msg === 'serving' && url !== undefined) resolve(url);
  });
  ended.then(async () => reject(new Error(`the gateway ended: ${await mistake}`)));
  return {
    url: await url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
