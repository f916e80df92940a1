import { existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.js';

const damages = ['store removed', 'store damaged'] as const;

/** The damage to the store of a program that does not run. */
export type StoreDamage = (typeof damages)[number];

/**
 * Removes the files of a store below the folder, or cuts its database in the middle; half of the time it does nothing.
 *
 * @returns the damage; undefined where there is none
 */
export function breakStore(folder: string, random: Random): StoreDamage | undefined {
  if (!random.chance(0.5) || !existsSync(folder)) return undefined;
  const damage = random.pick(damages);
  if (damage === 'store removed') {
    rmSync(folder, { recursive: true, force: true });
    return damage;
  }
  const database = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith('waiting.db'),
  );
  if (database === undefined) return undefined;
  const path = join(folder, database);
  truncateSync(path, Math.floor(statSync(path).size / 2));
  return damage;
}
