import { z } from 'zod';
import { ValidationError } from '../errors/validation-error.js';

// Above this, a number counts milliseconds since 1970 and not seconds; pydantic, which reads our commands, does the same.
const largestEpochSeconds = 2e10;
// The years 1 to 9999, which is what ISO 8601 without extensions and Python's datetime can say.
const earliestMs = -62_135_596_800_000;
const latestMs = 253_402_300_799_999;

const isoInstant =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Reads a point in time: a `Date`, ISO 8601 text (UTC if it has no offset), or seconds or milliseconds since 1970.
 * Milliseconds are kept, finer fractions are cut off.
 *
 * @returns undefined for any other value
 */
function parseInstant(value: unknown): Date | undefined {
  const ms = instantMs(value);
  return ms >= earliestMs && ms <= latestMs ? new Date(ms) : undefined;
}

/** Returns whether `value` is a `Date` that {@link parseInstant} returns unchanged. */
export function isInstantDate(value: unknown): value is Date {
  return value instanceof Date && value.getTime() >= earliestMs && value.getTime() <= latestMs;
}

let lastRead = { text: '', ms: Number.NaN };

/** Returns the `Date` of a text that {@link formatInstant} wrote; undefined for any other text. The last one is kept. */
export function plainInstant(text: unknown): Date | undefined {
  if (typeof text !== 'string' || text.length !== 24) return undefined;
  if (text !== lastRead.text) {
    const date = new Date(text);
    if (!isInstantDate(date) || date.toISOString() !== text) return undefined;
    lastRead = { text, ms: date.getTime() };
  }
  return new Date(lastRead.ms);
}

function instantMs(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number')
    return Math.trunc(Math.abs(value) <= largestEpochSeconds ? value * 1000 : value);
  if (typeof value === 'string') return isoMs(value);
  return Number.NaN;
}

function isoMs(text: string): number {
  const match = isoInstant.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const ms = Date.parse(local);
  // Date.parse turns 30 February into 2 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== local) return Number.NaN;
  return ms - offsetMs(offset);
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const sign = offset.startsWith('-') ? -1 : 1;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  return hours > 23 || minutes > 59 ? Number.NaN : sign * (hours * 60 + minutes) * 60_000;
}

/** Reads a `Date` from anything that {@link parseInstant} reads. */
export const instantSchema = z.custom<Date | string | number>().transform((value, context): Date => {
  const instant = parseInstant(value);
  if (instant !== undefined) return instant;
  context.issues.push({
    code: 'custom',
    input: value,
    message:
      'must be a Date, ISO 8601 text such as 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970',
  });
  return z.NEVER;
});

let lastFormatted = { ms: Number.NaN, text: '' };
let lastSecond = { startMs: Number.NaN, prefix: '' };

/**
 * Returns ISO 8601 text in UTC, with milliseconds. The last one is kept, and the text of its second: the commands of a bulk push
 * and their events share them by the thousand.
 *
 * @throws ValidationError if the date is invalid
 */
export function formatInstant(instant: Date): string {
  const ms = instant.getTime();
  if (ms !== lastFormatted.ms) lastFormatted = { ms, text: formatMs(ms) };
  return lastFormatted.text;
}

function formatMs(ms: number): string {
  let fraction = ms - lastSecond.startMs;
  // NaN, of the first call or of an invalid date, is in no second.
  if (!(fraction >= 0 && fraction < 1_000)) fraction = startSecond(ms);
  return `${lastSecond.prefix}${fraction < 10 ? '00' : fraction < 100 ? '0' : ''}${fraction}Z`;
}

function startSecond(ms: number): number {
  if (Number.isNaN(ms))
    throw new ValidationError('timestamp', [{ path: '', message: 'the date is invalid' }]);
  const startMs = Math.floor(ms / 1_000) * 1_000;
  lastSecond = { startMs, prefix: new Date(startMs).toISOString().slice(0, -4) };
  return ms - startMs;
}
