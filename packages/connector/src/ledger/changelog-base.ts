import type { Checkpoint } from './checkpoint.js';
import { createOffsetWindow } from './offset-window.js';

/**
 * The base of the changelog: the offset at which the next owner begins to read. It never passes a record that counts, nor the claim under which that
 * was written, because a reader that starts behind the claim could not tell if the record counts; nor the newest claim.
 */
export interface ChangelogBase {
  /** Takes up what was held at a checkpoint. */
  resume(checkpoint: Checkpoint): void;
  /** Takes the next record. */
  pass(offset: number): void;
  /** A valid claim. */
  addClaim(offset: number): void;
  /** The record must be read by the next owner until it is released. */
  hold(offset: number): void;
  release(offset: number): void;
  /** Returns the base where it has moved since the last call. */
  moved(): number | undefined;
  /** How many offsets the next owner would read, without those of signatures alone. */
  span(): number;
  /** The offset in the middle of the span. */
  middle(): number;
  /** The claims that are not below the base, in rising order. */
  claims(): readonly number[];
}

/**
 * @param start the committed base
 * @param firstPin returns the lowest record that keeps a waiting command
 * @param firstSignature returns the lowest record with signatures that the next owner needs
 */
export function createChangelogBase(
  start: number,
  firstPin: () => number | undefined,
  firstSignature: () => number | undefined,
): ChangelogBase {
  const held = createOffsetWindow();
  let claims: number[] = [];
  let position = start;
  let base = start;

  function find(...pins: readonly (number | undefined)[]): number {
    const pinned = Math.min(
      ...pins.map((pin) => pin ?? position),
      firstPin() ?? position,
      held.first() ?? position,
      claims.at(-1) ?? position,
      position,
    );
    return claims.findLast((claim) => claim <= pinned) ?? pinned;
  }

  return {
    resume({ claimOffsets, progress, cancellations }) {
      claims = [...claimOffsets];
      const offsets = [...cancellations.map(({ offset }) => offset), ...(progress ? [progress.offset] : [])];
      for (const offset of offsets.sort((one, other) => one - other)) held.take(offset);
    },
    pass(offset) {
      position = offset + 1;
    },
    addClaim: (offset) => claims.push(offset),
    hold: held.take,
    release: held.finish,
    moved() {
      const found = find(firstSignature());
      claims = claims.filter((claim) => claim >= found);
      if (found <= base) return undefined;
      base = found;
      return base;
    },
    // Signatures go by themselves, and are not written anew.
    span: () => position - Math.max(base, find()),
    middle: () => Math.floor((position + base) / 2),
    claims: () => claims,
  };
}
