import { randomUUID } from 'node:crypto';

const counterLimit = 2 ** 32;
let lastMs = 0;
let prefix = '';
let counter = 0;

/**
 * Returns a UUID version 7 (RFC 9562, section 5.7): milliseconds since 1970, 42 random bits drawn anew for each millisecond, and a
 * counter of 32 bits that starts at random (section 6.2, method 2). So ids of one process sort in the order of their
 * creation.
 */
export function createRequestId(): string {
  const now = Date.now();
  if (now > lastMs || counter === counterLimit) startMillisecond(Math.max(now, lastMs + 1));
  return prefix + (counter++).toString(16).padStart(8, '0');
}

function startMillisecond(ms: number): void {
  lastMs = ms;
  const time = ms.toString(16).padStart(12, '0');
  // Version 4 has its random bits in the same places; only the version differs.
  const random = randomUUID();
  prefix = `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15, 28)}`;
  // Half of the range at the most, so that there is room to count.
  counter = Number.parseInt(random.slice(28), 16) >>> 1;
}
