import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackendUnavailableError, ClosedError } from '@preservarium/core';
import { createPortFinder } from '../kafka/free-ports.js';
import { startWatchdog } from '../kafka/watchdog.js';
import { createDatabaseMaker, runStatement } from './database-maker.js';
import { existingPostgres } from './existing-postgres.js';
import { findPostgres } from './find-postgres.js';
import type { Postgres, StartPostgresOptions } from './postgres.js';
import { serverUser } from './server-user.js';

const startTimeoutMs = 60_000;
/** An immediate shutdown: children end too, nothing is written any more, and the next start recovers. */
const crash = 'SIGQUIT';

/**
 * The PostgreSQL that `POSTGRES_URL` names, or else one on a free port. Rejects with `CONFIGURATION_INVALID` where it is not
 * installed.
 */
export async function startPostgres({ isolated = false }: StartPostgresOptions = {}): Promise<Postgres> {
  const named = process.env.POSTGRES_URL;
  if (named && !isolated) return existingPostgres(named);
  const initdb = findPostgres('initdb');
  const postgres = findPostgres('postgres');
  const user = await serverUser();
  const port = await createPortFinder()();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const logFile = join(folder, 'log');
  const watchdog = await startWatchdog(
    'kill -QUIT $told; while kill -0 $told; do sleep 0.05; done; rm -rf "$1"',
    folder,
  );
  let server: ChildProcess | undefined;
  let stopped: Promise<void> | undefined;

  function run(program: string, args: readonly string[]): ChildProcess {
    const log = openSync(logFile, 'a');
    const child = spawn(program, args, { ...user, cwd: folder, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    return child;
  }

  async function initialize(): Promise<void> {
    const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    const [code] = await once(run(initdb, args), 'exit');
    if (code !== 0) throw new BackendUnavailableError(`initdb failed: ${await readFile(logFile, 'utf8')}`);
  }

  async function start(): Promise<void> {
    if (stopped) throw new ClosedError('this PostgreSQL');
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    const child = run(postgres, args);
    await once(child, 'spawn');
    child.unref();
    server = child;
    watchdog.tell(String(child.pid));
    await untilAnswering(child);
  }

  async function untilAnswering(child: ChildProcess): Promise<void> {
    const deadlineAt = performance.now() + startTimeoutMs;
    for (;;) {
      try {
        await runStatement(url, 'SELECT 1');
        return;
      } catch (cause) {
        if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadlineAt) {
          throw new BackendUnavailableError(`PostgreSQL did not start: ${await readFile(logFile, 'utf8')}`, {
            cause,
          });
        }
      }
      await pause(20);
    }
  }

  async function kill(): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.ref();
    const exited = once(server, 'exit');
    server.kill(crash);
    await exited;
    watchdog.tell('');
  }

  async function end(): Promise<void> {
    await kill();
    await watchdog.run();
  }

  function stop(): Promise<void> {
    stopped ??= end();
    return stopped;
  }

  try {
    await initialize();
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const { createDatabase } = createDatabaseMaker(url);
  return { createDatabase, kill, start, stop, [Symbol.asyncDispose]: stop };
}
