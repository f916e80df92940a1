import { AbortedError, type CommandInput } from '@preservarium/core';
import { chunksOf } from './chunks-of.js';
import { flattenChunks } from './flatten-chunks.js';
import type { CommandOutcome } from './pusher-service.js';

// Large enough to cost little per command, small enough not to hold up the event loop.
const maxChunkSize = 500;

interface PushInChunksOptions {
  /** Validates, encodes and publishes the commands together; never rejects. */
  pushChunk(inputs: readonly CommandInput[], firstIndex: number): Promise<readonly CommandOutcome[]>;
  readonly maxInFlight: number;
  readonly signal?: AbortSignal | undefined;
}

type Event =
  | { readonly kind: 'chunk'; readonly inputs: readonly CommandInput[] }
  | { readonly kind: 'end of source'; readonly failure?: { readonly error: unknown } }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly CommandOutcome[] };

/**
 * Keeps as many chunks in flight as `maxInFlight` allows, and returns their outcomes in order as they come. When the
 * source throws or the signal is aborted, the outcomes of the commands that were read come first and then the error.
 */
export function pushInChunks(
  source: Iterable<CommandInput> | AsyncIterable<CommandInput>,
  options: PushInChunksOptions,
): AsyncIterableIterator<CommandOutcome, void, undefined> {
  return flattenChunks(outcomesInChunks(source, options));
}

async function* outcomesInChunks(
  source: Iterable<CommandInput> | AsyncIterable<CommandInput>,
  { pushChunk, maxInFlight, signal }: PushInChunksOptions,
): AsyncGenerator<readonly CommandOutcome[], void, undefined> {
  const chunkSize = Math.min(maxChunkSize, maxInFlight);
  const chunks = chunksOf(source, chunkSize);
  const aborted = whenAborted(signal);
  const inFlightChunks: Promise<Event>[] = [];
  let inFlight = 0;
  let index = 0;
  let reading: Promise<Event> | undefined;
  let end: Extract<Event, { kind: 'end of source' }> | undefined;
  try {
    for (;;) {
      if (end === undefined && inFlight + chunkSize <= maxInFlight) reading ??= readChunk(chunks);
      const awaited = [inFlightChunks[0], end === undefined ? reading : undefined].filter(
        (event) => event !== undefined,
      );
      if (awaited.length === 0) break;
      const event = await Promise.race(end === undefined ? [...awaited, aborted.event()] : awaited);
      if (event.kind === 'chunk') {
        reading = undefined;
        inFlight += event.inputs.length;
        inFlightChunks.push(
          pushChunk(event.inputs, index).then((outcomes) => ({ kind: 'outcomes', outcomes })),
        );
        index += event.inputs.length;
      } else if (event.kind === 'outcomes') {
        inFlightChunks.shift();
        yield event.outcomes;
        inFlight -= event.outcomes.length;
      } else {
        end = event;
      }
    }
    if (end?.failure !== undefined) throw end.failure.error;
  } finally {
    aborted.forget();
    // Not awaited: a source that waits for its next item ends only once that has come.
    chunks.return().catch(() => undefined);
  }
}

function readChunk(chunks: AsyncGenerator<CommandInput[], void>): Promise<Event> {
  return chunks.next().then(
    (result): Event =>
      result.done === true ? { kind: 'end of source' } : { kind: 'chunk', inputs: result.value },
    (error: unknown): Event => ({ kind: 'end of source', failure: { error } }),
  );
}

function whenAborted(signal: AbortSignal | undefined): { event(): Promise<Event>; forget(): void } {
  let waiting = Promise.withResolvers<Event>();
  const onAbort = () =>
    waiting.resolve({ kind: 'end of source', failure: { error: new AbortedError('pushCommands') } });
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    event() {
      // One for each race: a promise that stays would hold the result of every race that it lost.
      if (!signal?.aborted) waiting = Promise.withResolvers();
      return waiting.promise;
    },
    forget: () => signal?.removeEventListener('abort', onAbort),
  };
}
