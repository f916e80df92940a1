import type { ConsumedRecord } from '@preservarium/backend';

type Headers = ConsumedRecord['headers'];

const deadLetterNames = new Set([
  'record-type',
  'dead-reason',
  'dead-message',
  'dead-group',
  'dead-at',
  'attempts',
  'source-topic',
  'source-partition',
  'source-offset',
  'dead-omitted-bytes',
]);

/** Returns true for a header of the dead letter itself, false for one of the original. */
export function isDeadLetterName(name: string): boolean {
  return deadLetterNames.has(name);
}

/** Before the name of an original header that would be taken for one of the dead letter. */
const aside = 'original-';

/** The headers of a record as the dead letter keeps them, so that its own take the place of none. */
export function keepHeaders(headers: Headers): Headers {
  return renamed(headers, (name) =>
    deadLetterNames.has(name) || name.startsWith(aside) ? aside + name : name,
  );
}

/** The headers that were given to {@link keepHeaders}. */
export function originalHeaders(headers: Headers): Headers {
  return renamed(headers, (name) => {
    if (deadLetterNames.has(name)) return undefined;
    return name.startsWith(aside) ? name.slice(aside.length) : name;
  });
}

/** The whole number from 0 that a header says, if it does. */
export function countOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : undefined;
}

function renamed(headers: Headers, rename: (name: string) => string | undefined): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const newName = rename(name);
      return newName === undefined ? [] : [[newName, value]];
    }),
  );
}
