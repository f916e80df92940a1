import type { StartFrom } from '@preservarium/backend';
import { z } from 'zod';

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 } as const;

/** Where a new group starts: `beginning`, `end`, or how far back, as a whole number of seconds, minutes, hours or days. */
export const startFrom = z.string().transform((text, context): StartFrom => {
  const given = text.toLowerCase();
  if (given === 'beginning' || given === 'end') return given;
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(given) ?? [];
  if (count !== undefined) return { lastMs: Number(count) * unitsMs[unit as keyof typeof unitsMs] };
  context.addIssue('must be beginning, end or a duration such as 30m, 1h or 7d');
  return z.NEVER;
});
