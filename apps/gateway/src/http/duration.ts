import { z } from 'zod';

const unitsMs = { ms: 1, s: 1_000, m: 60_000 } as const;

/** A duration such as `500ms`, `10s` or `2m`, as milliseconds; at most `maxMs`. */
export function duration(maxMs: number) {
  return z
    .string()
    .regex(/^\d{1,9}(ms|s|m)$/, 'must be a duration such as 500ms, 10s or 2m')
    .transform((text, context) => {
      const [, count, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
      const value = Number(count) * unitsMs[unit as keyof typeof unitsMs];
      if (value <= maxMs) return value;
      context.addIssue(`must be at most ${maxMs / 1_000}s`);
      return z.NEVER;
    });
}
