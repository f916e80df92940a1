import type { JsonObject } from '../api/types.js';

export interface MergedChanges {
  /** Their settings with the changes of the draft. */
  readonly merged: JsonObject;
  /** Names that both changed, to different values. */
  readonly conflicts: readonly string[];
}

/** Merges a draft into settings that were changed meanwhile, setting by setting. @param base what the draft began with */
export function mergeChanges(base: JsonObject, mine: JsonObject, theirs: JsonObject): MergedChanges {
  const names = new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)]);
  const merged: Record<string, unknown> = {};
  const conflicts: string[] = [];
  for (const name of names) {
    const isMine = !isSame(base[name], mine[name]);
    const isTheirs = !isSame(base[name], theirs[name]);
    if (isMine && isTheirs && !isSame(mine[name], theirs[name])) conflicts.push(name);
    const value = isMine ? mine[name] : theirs[name];
    if (value !== undefined) merged[name] = value;
  }
  return { merged, conflicts };
}

/** The order of fields does not matter. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

/** An exact number is an object, too. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}
