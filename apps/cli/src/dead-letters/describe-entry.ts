import { type DeadEntry, summarizeEntry, type Verdict } from '@preservarium/dead-letters';
import { describeHeaders, textOf } from '../describe-record.js';

/** Returns all of a dead letter, as `show --output json` prints it. */
export function describeEntry(entry: DeadEntry, { outcome, message }: Verdict) {
  const { letter, decoded } = entry;
  return {
    ...summarizeEntry(entry, outcome === 'sentBefore'),
    redrive: { outcome, message },
    key: textOf(letter.key),
    headers: describeHeaders(letter.headers),
    ...(decoded.ok
      ? {
          command: decoded.command,
          ...(Object.keys(decoded.unknownFields).length > 0 && { unknownFields: decoded.unknownFields }),
        }
      : { value: textOf(letter.value) }),
  };
}
