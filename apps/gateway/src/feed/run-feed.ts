import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { createBackend } from '@preservarium/command-line';
import { openStore } from '@preservarium/command-line/application';
import { createLogger } from '@preservarium/command-line/service';
import { feedCommandStore } from '@preservarium/command-store';
import { PusherError } from '@preservarium/core';
import { readOptions } from '../process/read-options.js';
import { type FeedMessage, heartbeatMs } from './feed-message.js';
import { feedOptionsOf } from './feed-options.js';

/**
 * The process that fills the command store, from its start by the gateway to its end: at any message of the gateway, at the end of the gateway,
 * or where it cannot go on. It has the arguments and variables of the gateway.
 */
export async function runFeed(): Promise<never> {
  // Requests go first: what they need of the feed, they wait for.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const closing = new AbortController();
  process.once('message', () => closing.abort());
  process.once('disconnect', () => process.exit());
  // A terminal sends Ctrl-C to both: the gateway says when the feed ends.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => {});
  try {
    await feedUntil(closing.signal);
  } catch (error) {
    await tell(failureOf(error));
  }
  process.exit();
}

async function feedUntil(closing: AbortSignal): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const logger = createLogger('gateway', options.gateway.LOG_LEVEL);
  await using opened = new AsyncDisposableStack();
  const backend = await createBackend({ ...options.kafka, logger });
  opened.defer(() => backend.close({ timeoutMs: 10_000 }));
  const store = opened.use(await openStore(options.gateway.COMMAND_STORE_URL, logger));
  const feed = opened.use(await feedCommandStore({ ...feedOptionsOf(options), backend, store, logger }));
  await tell({ kind: 'open' });
  const heartbeat = setInterval(() => {
    if (feed.isConnected()) void tell({ kind: 'connected' });
  }, heartbeatMs);
  opened.defer(() => clearInterval(heartbeat));
  if (!closing.aborted) await Promise.race([feed.closed, once(closing, 'abort')]);
}

function tell(message: FeedMessage): Promise<void> {
  return new Promise((resolve) => {
    // A gateway that has ended hears nothing, and the feed ends with it.
    process.send?.(message, () => resolve());
  });
}

function failureOf(error: unknown): FeedMessage {
  const { code, retryable } = PusherError.isInstance(error)
    ? error
    : { code: 'STORE_FAILED', retryable: false };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', code, message, retryable };
}
