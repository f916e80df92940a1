import type { RecordHeaders } from '@preservarium/backend';
import type { IHeaders } from 'kafkajs';

/** Returns the headers that kafkajs read; those of one name follow one another, at the place of their first. */
export function fromKafkajsHeaders(headers: IHeaders | undefined): RecordHeaders {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => (isValue(value) ? [[name, value] as const] : [])),
  );
}

/** For a name such as `constructor`, the first value of kafkajs is what an empty object has of this name. */
function isValue(value: unknown): value is Buffer | null {
  return value === null || Buffer.isBuffer(value);
}

/**
 * Returns the headers for kafkajs to write in their order, null values included. kafkajs maps the values of a name to headers: the list
 * that it is given maps to all of them.
 */
export function toKafkajsHeaders(headers: RecordHeaders): IHeaders {
  const list = Object.assign([''], {
    map: () => headers.map(([key, value]) => (value === null ? nullHeader(key) : { key, value })),
  });
  return { list } as unknown as IHeaders;
}

/** kafkajs asks for the length of a value, which null does not have, before it asks whether it is null. */
function nullHeader(key: string) {
  let isMeasured = false;
  return {
    key,
    get value() {
      const value = isMeasured ? null : '';
      isMeasured = true;
      return value;
    },
  };
}
