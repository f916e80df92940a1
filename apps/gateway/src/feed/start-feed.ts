import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { settledWithin } from '@preservarium/concurrency';
import { PusherError, type PusherErrorCode, StoreFailedError } from '@preservarium/core';
import { type FeedMessage, heartbeatMs } from './feed-message.js';

/** The feed of the command store, in a process of its own: a push does not wait while SQLite writes. */
export interface StartedFeed extends AsyncDisposable {
  /** Returns whether Kafka answered the feed in the last seconds. */
  isConnected(): boolean;
  /** Resolves after the disposal; rejects with what the feed cannot go on after. */
  readonly closed: Promise<void>;
}

const silentMs = 5 * heartbeatMs;
const closeTimeoutMs = 15_000;

/**
 * Starts the process with the arguments and variables of this one. Resolves when it reads the topics.
 *
 * @throws what the feed, its store or its backend throw
 */
export async function startFeed(): Promise<StartedFeed> {
  const program = fileURLToPath(new URL('./feed-process.js', import.meta.url));
  const child = fork(program, process.argv.slice(2));
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const open = Promise.withResolvers<void>();
  let failure: PusherError | undefined;
  let connectedAtMs = Number.NEGATIVE_INFINITY;
  let isClosing = false;
  child.on('message', (message: FeedMessage) => {
    if (message.kind === 'failed') failure = errorOf(message);
    else connectedAtMs = performance.now();
    if (message.kind === 'open') open.resolve();
  });
  const closed = exited.then(([exitCode, signal]) => {
    if (isClosing) return;
    throw (
      failure ?? new StoreFailedError(`the process of the feed ended by ${signal ?? `exit code ${exitCode}`}`)
    );
  });
  closed.catch(() => {});
  await Promise.race([open.promise, closed]);
  return {
    closed,
    isConnected: () => performance.now() < connectedAtMs + silentMs,
    async [Symbol.asyncDispose]() {
      isClosing = true;
      if (child.connected) child.send('close', () => {});
      if (!(await settledWithin(exited, closeTimeoutMs))) child.kill('SIGKILL');
    },
  };
}

function errorOf({ code, message, retryable }: Extract<FeedMessage, { kind: 'failed' }>): PusherError {
  return new PusherError(message, { code: code as PusherErrorCode, retryable });
}
