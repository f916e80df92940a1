import type { Backend, RecordSigner } from '@preservarium/backend';
import { createSemaphore } from '@preservarium/concurrency';
import { TopicUnknownError } from '@preservarium/core';
import type { DeadLetterPlace } from '../redrive.js';
import type { DeadEntry } from './dead-entry.js';
import { createDeadLetterIndex } from './dead-letter-index.js';
import { findEntry } from './find-entry.js';
import { judgeOne, type Verdict } from './judge.js';
import { type DeadLetterPage, type ListPageOptions, listPage } from './list-page.js';
import { createReadBack } from './read-back.js';
import { type DeadLetters, readDeadLetters } from './read-dead-letters.js';
import { type SendOutcome, sendAgain } from './send-again.js';

/** A topic of dead letters, for a service that lists them and sends them again. Each call reads the topic, where not said otherwise. */
export interface DeadLetterTopic {
  /**
   * Returns a page of dead letters. The first call reads the whole topic, later ones what is new in it. Summaries of the newest 10,000 offsets are kept;
   * older ones are read again.
   *
   * @throws ValidationError for a cursor that no page had
   */
  list(options: ListPageOptions): Promise<DeadLetterPage>;

  /**
   * Returns a dead letter, and whether it may be sent again; undefined if there is none at the place.
   */
  find(place: DeadLetterPlace): Promise<FoundDeadLetter | undefined>;

  /**
   * Sends a dead letter again if it may be. One call at a time, so that none of them is sent twice by this process.
   *
   * @param options.assertAllowed called with the dead letter first; what it throws, this call rejects with
   */
  redrive(
    place: DeadLetterPlace,
    options: { assertAllowed(entry: DeadEntry): void },
  ): Promise<RedriveOutcome | undefined>;
}

export interface FoundDeadLetter {
  readonly entry: DeadEntry;
  readonly verdict: Verdict;
}

export type RedriveOutcome =
  | { readonly kind: 'refused'; readonly entry: DeadEntry; readonly verdict: Verdict }
  | (SendOutcome & { readonly entry: DeadEntry });

export interface DeadLetterTopicOptions {
  readonly topic: string;
  /** The only topic to which a dead letter is sent again. */
  readonly commandTopic: string;
  /** Signs what is sent again: see `SendAgainOptions`. */
  readonly sign?: RecordSigner | undefined;
  /** Deadline for each wait for Kafka, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborting rejects the calls in flight with `ABORTED`. */
  readonly signal: AbortSignal;
}

/** Creates a {@link DeadLetterTopic}. The backend stays open. */
export function createDeadLetterTopic(
  backend: Backend,
  { topic, commandTopic, sign, timeoutMs, signal }: DeadLetterTopicOptions,
): DeadLetterTopic {
  const turn = createSemaphore(1);
  const readNew = createDeadLetterIndex(backend, { topic, timeoutMs, signal });
  const readBack = createReadBack(backend, { topic, timeoutMs, signal });

  /** Undefined where there is no topic: connectors create it before the first dead letter. */
  async function read(): Promise<DeadLetters | undefined> {
    try {
      return await readDeadLetters(backend, { topic, timeoutMs, signal });
    } catch (error) {
      if (TopicUnknownError.isInstance(error)) return undefined;
      throw error;
    }
  }

  async function find(place: DeadLetterPlace): Promise<FoundDeadLetter | undefined> {
    const letters = await read();
    const entry = letters && (await findEntry(letters, place));
    if (letters === undefined || entry === undefined) return undefined;
    return { entry, verdict: await judgeOne(entry, letters, { nowMs: Date.now(), commandTopic }) };
  }

  async function redrive(
    place: DeadLetterPlace,
    { assertAllowed }: { assertAllowed(entry: DeadEntry): void },
  ): Promise<RedriveOutcome | undefined> {
    const found = await find(place);
    if (found === undefined) return undefined;
    const { entry, verdict } = found;
    assertAllowed(entry);
    if (verdict.outcome !== 'sendable') return { kind: 'refused', ...found };
    const sent = Promise.withResolvers<SendOutcome>();
    const onOutcome = async (_: DeadEntry, outcome: SendOutcome) => sent.resolve(outcome);
    await sendAgain(backend, [entry], { topic, commandTopic, sign, timeoutMs, signal, onOutcome });
    return { ...(await sent.promise), entry };
  }

  return {
    async list(options) {
      return listPage((await readNew()) ?? [], readBack, options);
    },
    find,
    async redrive(place, options) {
      await turn.acquire();
      try {
        return await redrive(place, options);
      } finally {
        turn.release();
      }
    },
  };
}
