import { z } from 'zod';

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 } as const;

/** Returns the milliseconds of a whole number of seconds, minutes, hours or days, such as `30m`; undefined for another text. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text.toLowerCase()) ?? [];
  return count === undefined ? undefined : Number(count) * unitsMs[unit as keyof typeof unitsMs];
}

/** A duration, in milliseconds. */
export function duration(example: string) {
  return z.string().transform((text, context): number => {
    const ms = durationMs(text);
    if (ms !== undefined) return ms;
    context.addIssue(`must be a duration such as ${example}`);
    return z.NEVER;
  });
}
