import { z } from 'zod';

/** A time of a query. The `+` of an offset that was not encoded has become a space. */
export const since = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text) => text.replace(/ (?=\d{2}:\d{2}$)/, '+'))
  .pipe(z.iso.datetime({ offset: true, error: 'must be a time such as 2026-01-31T12:00:00Z' }))
  .optional();
