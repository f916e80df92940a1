import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { createSemaphore, startSlice } from '@preservarium/concurrency';
import type { CommandInput, PusherError } from '@preservarium/core';
import type { EncodedPush } from './encode.js';
import { pushInChunks } from './push-in-chunks.js';
import type { PushLog } from './push-log.js';
import type { CommandOutcome, PushOptions } from './pusher-service.js';
import { toPusherError } from './to-pusher-error.js';

/** Limit of what is encoded and not acknowledged: less than a backend's queue holds, so that no command gets `QUEUE_FULL`. */
const maxBulkBytes = 32 * 1024 * 1024;

/** The steps of a push, as for a single one. */
export interface BulkSteps {
  validateAndEncode(input: CommandInput): EncodedPush | Promise<EncodedPush>;
  publish(records: readonly PublishRecord[], options: PushOptions): Promise<readonly PublishOutcome[]>;
  readonly log: PushLog | undefined;
}

/** A chunk of commands: what each became, and the records of those that can be published. */
interface EncodedChunk {
  readonly pushes: readonly (EncodedPush | PusherError)[];
  readonly records: readonly PublishRecord[];
  /** Size of the records' values. */
  readonly bytes: number;
}

/** Pushes commands in chunks, with at most `maxInFlight` commands and 32 MiB in flight; returns their outcomes in order. */
export function pushBulk(
  source: Iterable<CommandInput> | AsyncIterable<CommandInput>,
  { validateAndEncode, publish, log }: BulkSteps,
  options: PushOptions & { readonly maxInFlight: number },
): AsyncIterable<CommandOutcome> {
  const semaphore = createSemaphore(maxBulkBytes);
  let lastEncoded: Promise<unknown> = Promise.resolve();

  async function encodeChunk(inputs: readonly CommandInput[]): Promise<EncodedChunk> {
    const pushes: (EncodedPush | PusherError)[] = [];
    const records: PublishRecord[] = [];
    let bytes = 0;
    // A command can have a megabyte.
    const slice = startSlice();
    for (const input of inputs) {
      if (slice.isOver()) await slice.next();
      try {
        const encoding = validateAndEncode(input);
        const push = encoding instanceof Promise ? await encoding : encoding;
        pushes.push(push);
        records.push(push.record);
        bytes += push.record.value.length;
      } catch (error) {
        pushes.push(toPusherError(error));
      }
    }
    return { pushes, records, bytes };
  }

  async function encodeInTurn(inputs: readonly CommandInput[]): Promise<EncodedChunk> {
    await lastEncoded;
    const chunk = await encodeChunk(inputs);
    await semaphore.acquire(chunk.bytes);
    return chunk;
  }

  async function publishChunk(
    { pushes, records }: EncodedChunk,
    inputs: readonly CommandInput[],
    firstIndex: number,
  ): Promise<readonly CommandOutcome[]> {
    const published = await publish(records, options);
    let next = 0;
    return pushes.map((push, position): CommandOutcome => {
      const index = firstIndex + position;
      const input = inputs[position] as CommandInput;
      if (!('record' in push)) return { ok: false, index, error: push, input };
      const outcome = published[next++] as PublishOutcome;
      log?.(push, outcome);
      if (!outcome.ok) return { ok: false, index, error: outcome.error, input };
      return { ok: true, index, requestId: push.requestId, receipt: outcome.receipt };
    });
  }

  return pushInChunks(source, {
    async pushChunk(inputs, firstIndex) {
      // In turn: the next chunk does not overtake one that waits for an asynchronous schema or for the semaphore.
      const encoding = encodeInTurn(inputs);
      lastEncoded = encoding;
      const chunk = await encoding;
      try {
        return await publishChunk(chunk, inputs, firstIndex);
      } finally {
        semaphore.release(chunk.bytes);
      }
    },
    maxInFlight: options.maxInFlight,
    signal: options.signal,
  });
}
