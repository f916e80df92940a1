import { isUtf8 } from 'node:buffer';
import type { RecordHeaders } from '@preservarium/backend';
import { assertHeaders } from '@preservarium/backend-kit';
import type { MessageHeader } from 'node-rdkafka';

/**
 * Returns the headers as node-rdkafka takes them.
 *
 * @throws ValidationError for a header that the client would change: it makes text of each name and value, and cuts it at the first NUL
 */
export function toRdkafkaHeaders(headers: RecordHeaders): MessageHeader[] {
  assertHeaders('rdkafka', headers, (name, value) => {
    if (name.includes('\0')) return 'its name has a NUL character';
    if (value === null) return 'its value is null';
    return value.includes(0) || !isUtf8(value)
      ? 'its value is not UTF-8 text without NUL characters'
      : undefined;
  });
  return headers.map(([name, value]) => ({ [name]: String(value) }));
}
