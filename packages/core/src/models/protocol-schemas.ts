import { z } from 'zod';
import { topicProblem } from './mqtt-text.js';
import { methods } from './protocols.js';

const maxSegmentBytes = 255;

/** A topic to publish to; see {@link topicProblem}. */
export const topicSchema = z.string({ error: 'must be text' }).superRefine((topic, context) => {
  const message = topicProblem(topic);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

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
