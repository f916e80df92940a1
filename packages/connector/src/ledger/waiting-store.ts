import type { Attempts } from '../attempts.js';
import type { AwayDevices } from './away-devices.js';
import type { DeferredCommand } from './changelog.js';
import type { SeenSignatures } from './seen-signatures.js';

/**
 * The waiting commands of a connector: a cache of the changelog, which is the truth. A lost store costs a full read of the changelog and nothing
 * else. All calls are synchronous and take microseconds; what they write becomes durable together, a moment later.
 */
export interface WaitingStore {
  /** The presence of devices is kept with the commands that wait for them, though no changelog has it. */
  readonly away: AwayDevices;
  /** Signatures are kept with the commands; the changelog has them in its progress. */
  readonly seen: SeenSignatures;
  /** Returns the waiting commands of one partition of the command topic. */
  of(partition: number): WaitingCommands;
  /** The connector does not own the partition any more. Its rows are kept for a while, for it may come back. */
  leave(partition: number): void;
  /** Partitions of which the store has rows, and which it was not asked for since they left, or since it was opened. */
  left(): readonly number[];
  /** Returns true if no more should be accepted; commands that are added nevertheless are kept. @param waiting commands that wait now */
  isFull(waiting: number): boolean;
  /**
   * Makes the store anew from its file after the disk was full; returns false while it still is. Until then the store answers as an empty one; the commands of
   * partitions that were taken before have gone.
   */
  recover(): boolean;
  /** @param failure the error that ends the connector; if the file is damaged, it is removed, so that the next start makes it anew */
  close(failure?: unknown): void;
}

/** A deferred command, with what the connector looks for it by. */
export interface WaitingCommand extends DeferredCommand, CommandTerms {
  /** Of the newest record of the changelog that keeps it. */
  readonly changelogOffset: number;
  /** The request id of the newer command that replaces this one. */
  readonly supersededBy: string | undefined;
}

/** A command that is read to be delivered. */
export interface NextCommand extends WaitingCommand {
  /** False: `offsetOf` would return its own offset. */
  readonly mayHaveEarlier: boolean;
}

export interface CommandTerms {
  readonly deviceId: string;
  /** See `channel.ts`. */
  readonly channel: string;
  readonly requestId: string;
  readonly supersedeKey: string | undefined;
  /** Commands of a channel go out by priority, the higher one first, and within one by their offsets in the command topic. */
  readonly priority: number;
  /** When it ends whatever becomes of its attempts, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** When the application issued it, in milliseconds since 1970. */
  readonly issuedAtMs: number;
  /** It was sent again from the dead letters: it supersedes nothing that was issued later. */
  readonly isRedriven: boolean;
}

/** A place in the order in which the commands of a channel go out. */
export type Turn = Pick<CommandTerms, 'priority'> & { readonly offset: number };

/**
 * The waiting commands of one partition. They are named by their offsets in the command topic. One that has ended is in no answer any more, but pins the
 * changelog until the changelog says so, too.
 */
export interface WaitingCommands {
  // ---- the changelog

  /** Adds a command; returns false for a known one, which was written anew. Its channel is due at once, unless it is known. */
  add(command: Omit<WaitingCommand, 'supersededBy'>): boolean;
  /**
   * Settles which of this command and the others of its channel with the same supersede key replaces the other; returns the offset of one that
   * has been replaced thereby.
   */
  supersede(offset: number): number | undefined;
  /** Removes a command, of which the changelog says that it has ended. */
  remove(offset: number): void;
  /** Removes everything. */
  clear(): void;
  /** The lowest offset of a record of the changelog that keeps a command; undefined where there is none. */
  firstPin(): number | undefined;
  /** Commands of the command topic at this offset or above, with the times at which their records were written. */
  sourcesFrom(offset: number): readonly { readonly offset: number; readonly timestampMs: number }[];
  /** Returns when the record of a command was written to the command topic; undefined for an unknown one. */
  writtenAtMs(offset: number): number | undefined;
  /** Returns the text of the last `keep`; undefined where there was none, or no command waits. */
  checkpoint(): string | undefined;
  /** Keeps what the ledger knows together with everything else that was written until then; does nothing while no command waits. */
  keep(checkpoint: () => string): void;
  /** Forgets the attempts that another process left in flight: every command waits again. */
  resume(): void;

  // ---- commands

  /** The command has ended, which the changelog does not say yet. */
  end(offset: number): void;
  /** Commands that have not ended. */
  count(): number;
  has(channel: string): boolean;
  /** Returns the channels of a device. */
  channelsOf(deviceId: string): readonly string[];
  get(offset: number): WaitingCommand | undefined;
  find(target: { readonly deviceId: string; readonly requestId: string }): WaitingCommand | undefined;
  /** Returns the offset of the command that `find` would return. */
  offsetOf(target: { readonly deviceId: string; readonly requestId: string }): number | undefined;
  /** Returns the turn and the request id of the first command of a channel. */
  first(channel: string): (Turn & Pick<CommandTerms, 'requestId'>) | undefined;
  /** The next commands of a channel in their order, behind a turn. */
  next(channel: string, after: Turn | undefined, limit: number): readonly NextCommand[];
  keepAttempts(offset: number, attempts: Attempts): void;
  /** Commands above this offset with attempts that the changelog does not know of, in the order of their offsets. */
  attempted(aboveOffset: number, limit: number): readonly WaitingCommand[];
  /** Commands whose records are between these offsets of the changelog, in its order. */
  writtenBetween(above: number, below: number, limit: number): readonly WaitingCommand[];
  /** Commands at their deadlines, the earliest first. */
  overdue(nowMs: number, limit: number): readonly WaitingCommand[];
  nextDeadlineMs(): number | undefined;

  // ---- channels of devices

  /** Sets when the next attempt of a channel is due, `Infinity` for at no time; returns false where nothing waits for it. */
  setDue(channel: string, atMs: number): boolean;
  /** Makes a channel due at once, as `add` does: before those whose commands wait for less long. Returns false where nothing waits for it. */
  setDueNow(channel: string): boolean;
  /** Makes all channels due at once that are due at no time by `setDue`. */
  callUndue(): void;
  /** Makes a channel due at once that is not due because it was taken. */
  ensureDue(channel: string): void;
  /** Returns channels that are due, the earliest first, and has them due no more until one of the calls above. */
  takeDue(nowMs: number, limit: number): readonly string[];
  nextDueMs(): number | undefined;
}
