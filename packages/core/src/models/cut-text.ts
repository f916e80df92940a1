import { maxReasonCharacters } from '../limits.js';

/**
 * Returns `text` if it has at most `maxCharacters` characters, otherwise its beginning and "…", together that many. Use it for
 * everything from outside that goes into a message, a log line, a header or an event: a Kafka key may have 600 kB.
 *
 * @param maxCharacters UTF-16 units, at least 1. Default: 1,000. A surrogate pair is never cut in two.
 */
export function cutText(text: string, maxCharacters: number = maxReasonCharacters): string {
  if (text.length <= maxCharacters) return text;
  const end = maxCharacters - 1;
  const lastUnit = text.charCodeAt(end - 1);
  const splitsPair = lastUnit >= 0xd800 && lastUnit <= 0xdbff;
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
}
