import { z } from 'zod';
import { methods } from './protocols.js';

const maxTopicBytes = 65_535;
const maxSegmentBytes = 255;

/** An MQTT topic name to publish to (MQTT 5.0, section 4.7): no wildcards. */
export const topicSchema = z
  .string({ error: 'must be text' })
  .min(1, 'must not be empty')
  .refine((topic) => !/[+#]/.test(topic), 'must have no wildcards (+ or #): a command goes to one topic')
  .refine((topic) => !topic.includes('\0'), 'must have no NUL character')
  .refine((topic) => topic.isWellFormed(), 'must have no broken surrogate pairs')
  .refine((topic) => Buffer.byteLength(topic) <= maxTopicBytes, `must have at most ${maxTopicBytes} bytes`);

/** A path on the device's own server (CoAP: RFC 7252, section 5.10.1). */
export const pathSchema = z
  .string({ error: 'must be text' })
  .min(1, 'must not be empty')
  .refine((path) => path.isWellFormed() && !/\p{Cc}/u.test(path), 'must have no control characters')
  .refine((path) => !segmentsOf(path).includes('..'), 'must have no ".." segment')
  .refine(
    (path) => segmentsOf(path).every((segment) => Buffer.byteLength(segment) <= maxSegmentBytes),
    `must have segments of at most ${maxSegmentBytes} bytes`,
  );

/** A request method of CoAP or HTTP in any case; upper-cased. */
export const methodSchema = z
  .string({ error: 'must be text' })
  .toUpperCase()
  .pipe(z.enum(methods, `must be one of ${methods.join(', ')}`));

function segmentsOf(path: string): string[] {
  return (path.split('?')[0] ?? '').split('/').map((segment) => segment.replace(/%2e/gi, '.'));
}
