import { randomUUID } from 'node:crypto';

/**
 * A UUID version 7 (RFC 9562, section 5.7): milliseconds since 1970 and 74 random bits. So ids sort by the time of their
 * creation; within one millisecond their order is random.
 */
export function createRequestId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // Version 4 has its random bits in the same places; only the version differs.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
