import { z } from 'zod';

/** An error of the API (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('The failure, its cause and the remedy, for people.'),
    code: z
      .string()
      .describe('The code of the failure; docs/errors.md and docs/gateway.md list all of them.'),
    retryable: z.boolean().describe('True if the same request may succeed later.'),
    issues: z
      .array(z.object({ path: z.string(), message: z.string(), rule: z.string().optional() }))
      .optional()
      .describe('The places of a wrong input.'),
  })
  .meta({ id: 'Problem', title: 'Problem' });

const meaning: Readonly<Record<number, string>> = {
  400: 'The request breaks rules; `issues` has the places.',
  401: 'The request has no valid API key or token.',
  403: 'The policy does not allow this to the caller.',
  404: 'There is no such thing.',
  409: 'The request contradicts an earlier one.',
  412: 'The settings have another version.',
  413: 'The request is too large.',
  415: 'The body is of another type.',
  422: 'The device cannot do this.',
  429: 'Too many requests; `Retry-After` has the seconds.',
  503: 'Kafka or the command store cannot be reached, or the gateway stops.',
  504: 'Kafka did not acknowledge in time.',
};

/** Returns the responses of a route for these statuses, for its schema. */
export function problems(...statuses: readonly number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: meaning[status] ?? 'The request failed.',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
