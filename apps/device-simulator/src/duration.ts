import { InvalidArgumentError } from 'commander';

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const longestMs = 2 ** 31 - 1;

/**
 * Parses `50ms`, `30s`, `5m` or `2h`, up to the longest time of a timer.
 *
 * @returns milliseconds
 */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Math.round(Number(amount) * unitsMs[unit as keyof typeof unitsMs]);
  if (ms >= 0 && ms <= longestMs) return ms;
  throw new InvalidArgumentError('Give an amount and a unit, at most 24 days: 50ms, 30s, 5m or 2h.');
}
