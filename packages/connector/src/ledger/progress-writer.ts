import type { PublishRecord } from '@preservarium/backend';
import { type ChangelogPlace, progressRecord } from './changelog.js';
import type { KeptSignature } from './kept-signatures.js';
import type { Progress } from './progress.js';

const progressIntervalMs = 100;
/** So many signatures are in one record of the changelog at most: about 150 kB. */
const signaturesInRecord = 4_000;

/** Writes to the changelog which commands have ended, and then says what of that may be committed. */
export interface ProgressWriter {
  /** Writes within 100 ms. */
  schedule(): void;
  /** Resolves when Kafka has the progress. */
  write(): Promise<void>;
  /** The next owner does not read a deferred command again, and must know its signature: that is written first. */
  writeSignatures(): void;
  /** All commands of the command topic below this offset have ended. */
  ended(nextOffset: number): void;
  /** Writes nothing by itself any more. */
  stop(): void;
}

export interface ProgressWriterOptions {
  place(): ChangelogPlace;
  isGone(): boolean;
  progress(): Progress;
  /** Returns the number of the lease that this record asks for. */
  askLease(): string | undefined;
  /** Takes signatures that the changelog does not have yet, at most so many; undefined where none are checked. */
  readonly takeFresh: ((limit: number) => readonly KeptSignature[]) | undefined;
  append(record: PublishRecord): Promise<void>;
  /** The offset may be committed. */
  onCommittable(nextOffset: number): void;
}

export function createProgressWriter(options: ProgressWriterOptions): ProgressWriter {
  const { place, isGone, progress, takeFresh, append } = options;
  let timer: NodeJS.Timeout | undefined;
  /** The end of the unbroken run of commands that have ended, and how much of it may be committed. */
  let nextToCommit = 0;
  let committable = 0;

  function schedule(): void {
    if (place().claimId === '' || isGone() || timer !== undefined) return;
    timer = setTimeout(write, progressIntervalMs);
  }

  function write(): Promise<void> {
    stop();
    const ended = nextToCommit;
    writeSignatures();
    return append(progressRecord(place(), progress(), options.askLease())).then(() => commitUpTo(ended));
  }

  function writeSignatures(): void {
    if (takeFresh === undefined) return;
    for (
      let signatures = takeFresh(signaturesInRecord);
      signatures.length > 0;
      signatures = takeFresh(signaturesInRecord)
    ) {
      void append(progressRecord(place(), { ...progress(), signatures }, undefined));
    }
  }

  function commitUpTo(nextOffset: number): void {
    if (nextOffset === committable || isGone()) return;
    committable = nextOffset;
    options.onCommittable(nextOffset);
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    schedule,
    write,
    writeSignatures,
    ended(nextOffset) {
      nextToCommit = nextOffset;
      // The next owner must know the signatures of all commands that it does not read again.
      if (takeFresh === undefined) commitUpTo(nextOffset);
    },
    stop,
  };
}
