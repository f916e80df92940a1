import { settledWithin } from '@preservarium/concurrency';
import { exactNumbers, type LifecycleEvent, QueueFullError } from '@preservarium/core';
import type { LoggedEvent } from '@preservarium/tracking';
import { eventBody } from './command-body.js';

export interface EventStreamOptions {
  /** A promise only where the answer is not known at once: each step that is awaited costs every reader. */
  isWanted(event: LifecycleEvent): boolean | Promise<boolean>;
  /** Aborting ends the stream. */
  readonly signal: AbortSignal;
}

/** Proxies close connections that are silent for a minute. */
const heartbeatMs = 15_000;

/**
 * Returns the events as Server-Sent Events, with a comment where none came for 15 s. A reader that is too slow gets the end of the stream:
 * with the id of its last event, its client goes on where it was.
 */
export async function* streamEvents(
  events: AsyncGenerator<LoggedEvent, void>,
  { isWanted, signal }: EventStreamOptions,
): AsyncGenerator<string, void> {
  let next = events.next();
  // A position that is not valid rejects at once.
  if (await settledWithin(next, 0)) await next;
  yield ': connected\n\n';
  let position = '';
  let silence = Promise.withResolvers<undefined>();
  // One timer for all events: a busy stream has thousands in a second.
  const heartbeat = setInterval(() => silence.resolve(undefined), heartbeatMs);
  try {
    while (!signal.aborted) {
      silence = Promise.withResolvers();
      const read = await Promise.race([next, silence.promise]);
      if (read === undefined) {
        // With the id, a reader of few events goes on behind those that were not for it.
        yield `${position === '' ? '' : `id: ${position}\n`}: still here\n\n`;
        continue;
      }
      if (read.done) return;
      next = events.next();
      next.catch(() => {});
      position = read.value.position;
      const isForReader = isWanted(read.value.event);
      if (!(typeof isForReader === 'boolean' ? isForReader : await isForReader)) continue;
      yield frameOf(read.value);
      heartbeat.refresh();
    }
  } catch (error) {
    if (!QueueFullError.isInstance(error)) throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** All streams have the same event: it is encoded once. */
const frames = new WeakMap<LoggedEvent, string>();

function frameOf(logged: LoggedEvent): string {
  const { event, position } = logged;
  const frame =
    frames.get(logged) ??
    `id: ${position}\nevent: ${event.state}\ndata: ${JSON.stringify(exactNumbers(eventBody(event)))}\n\n`;
  frames.set(logged, frame);
  return frame;
}
