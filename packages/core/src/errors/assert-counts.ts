import { cutText } from '../models/cut-text.js';
import { ConfigurationError } from './errors.js';

type NumericOptions = Readonly<Record<string, number | undefined>>;

/**
 * Makes sure that options which count something are whole numbers from 1. An absent option has its default.
 *
 * @throws ConfigurationError that names the first option with another value
 */
export function assertCounts(options: NumericOptions): void {
  const allowed = `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`;
  assertAll(options, allowed, (value) => Number.isSafeInteger(value) && value >= 1);
}

/**
 * Makes sure that options which are durations are numbers from 0, `Infinity` among them. An absent option has its default.
 *
 * @throws ConfigurationError that names the first option with another value
 */
export function assertDurations(options: NumericOptions): void {
  assertAll(options, 'a number of milliseconds from 0', (value) => typeof value === 'number' && value >= 0);
}

function assertAll(options: NumericOptions, allowed: string, isAllowed: (value: number) => boolean): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || isAllowed(value)) continue;
    throw new ConfigurationError(`${name}: ${cutText(String(value), 64)} is not ${allowed}`);
  }
}
