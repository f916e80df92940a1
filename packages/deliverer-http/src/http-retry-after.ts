const longestMs = 24 * 60 * 60 * 1_000;

/**
 * The pause that a `Retry-After` asks for (RFC 9110, section 10.2.3): seconds, or a date in one of the three forms that HTTP
 * knows. Undefined where it says nothing of the kind; at most a day.
 */
export function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const pauseMs = /^\d+$/.test(text) ? Number(text) * 1_000 : dateOf(text) - Date.now();
  return Number.isNaN(pauseMs) ? undefined : Math.min(Math.max(0, pauseMs), longestMs);
}

/** `Date.parse` reads much that is no HTTP date, and those without "GMT" (asctime) as local time. */
function dateOf(text: string): number {
  if (!/^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}
