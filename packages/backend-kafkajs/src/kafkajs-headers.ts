import { noHeaders, type RecordHeader, type RecordHeaders } from '@preservarium/backend';
import { assertHeaders } from '@preservarium/backend-kit';
import type { IHeaders } from 'kafkajs';

/**
 * Asserts that kafkajs sends the headers as they are.
 *
 * @throws ValidationError for a null value, and for an order that `toKafkajsHeaders` does not keep
 */
export function assertKafkajsHeaders(headers: RecordHeaders): void {
  const order = fromKafkajsHeaders(toKafkajsHeaders(headers));
  let place = 0;
  assertHeaders('kafkajs', headers, (name, value) => {
    if (value === null) return 'its value is null';
    return order[place++]?.[0] === name ? undefined : 'it does not keep its place among the others';
  });
}

/**
 * Returns the headers as kafkajs takes them, without those whose value is null. Names that are whole numbers come first; headers of one
 * name follow one another, at the place of their first.
 */
export function toKafkajsHeaders(headers: RecordHeaders): IHeaders {
  const byName = new Map<string, Buffer[]>();
  for (const [name, value] of headers) {
    if (value === null) continue;
    const values = byName.get(name);
    if (values === undefined) byName.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries(byName);
}

/** Returns the headers that kafkajs read; those of one name follow one another, at the place of their first. */
export function fromKafkajsHeaders(headers: IHeaders | undefined): RecordHeaders {
  const list: RecordHeader[] = [];
  for (const name in headers) {
    for (const value of [headers[name]].flat()) if (isValue(value)) list.push([name, value]);
  }
  return list.length === 0 ? noHeaders : list;
}

/** For a name such as `constructor`, the first value of kafkajs is what an empty object has of this name. */
function isValue(value: unknown): value is Buffer | null {
  return value === null || Buffer.isBuffer(value);
}
