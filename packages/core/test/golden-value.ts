import { readFileSync } from 'node:fs';

/** The bytes of a record's value as the Python producers wrote them. */
export function goldenValue(name: string): Buffer {
  return readFileSync(new URL(`./golden/${name}.json`, import.meta.url));
}

export const goldenNames = [
  '01-mqtt-plain',
  '03-coap-efento-config',
  '05-unicode',
  '08-null-metadata-naive-expiry',
  '09-feedback',
  '10-seed-plan-dict',
] as const;
