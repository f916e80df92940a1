import type { StartFrom } from '@preservarium/backend';
import { z } from 'zod';
import { durationMs } from './duration.js';

/** Where a new group starts: `beginning`, `end`, or how far back, as a whole number of seconds, minutes, hours or days. */
export const startFrom = z.string().transform((text, context): StartFrom => {
  const given = text.toLowerCase();
  if (given === 'beginning' || given === 'end') return given;
  const lastMs = durationMs(given);
  if (lastMs !== undefined) return { lastMs };
  context.addIssue('must be beginning, end or a duration such as 30m, 1h or 7d');
  return z.NEVER;
});
