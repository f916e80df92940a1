import { InvalidArgumentError } from 'commander';

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
/** The longest time that a timer of Node takes, about 24 days; it ends longer ones at once. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Parses `500ms`, `30s`, `5m`, `2h` or `7d`.
 *
 * @returns milliseconds
 */
export function parseDuration(text: string): number {
  const [, amount, unit] = pattern.exec(text) ?? [];
  const ms = Math.round(Number(amount) * unitsMs[unit as keyof typeof unitsMs]);
  if (ms >= 1 && ms <= Number.MAX_SAFE_INTEGER) return ms;
  throw new InvalidArgumentError('Give an amount and a unit: 500ms, 30s, 5m, 2h or 7d.');
}

/**
 * Parses a duration to wait for.
 *
 * @returns milliseconds, at most the longest time of a timer (about 24 days)
 */
export function parseTimeout(text: string): number {
  return Math.min(parseDuration(text), maxTimerMs);
}
