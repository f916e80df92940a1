import { z } from 'zod';
import { ValidationError } from '../errors/detailed-errors.js';
import { deviceIdSchema, requestIdSchema } from './identifiers.js';
import { instantSchema } from './instant.js';
import { refuseUnreadable } from './unreadable-input.js';
import { validationIssues } from './validation-issues.js';

/** The wish that a command be not delivered any more. */
export const cancellationSchema = z.strictObject({
  /** The device the command is for; also the Kafka key. */
  deviceId: deviceIdSchema,
  /** The command's. */
  requestId: requestIdSchema,
  /** When it was issued. Default: now. */
  timestamp: instantSchema.default(() => new Date()),
});

export type CancellationInput = z.input<typeof cancellationSchema>;

export type Cancellation = z.output<typeof cancellationSchema>;

/**
 * Checks an input and fills in the default.
 *
 * @throws ValidationError with every broken rule and its place
 */
export function parseCancellation(input: CancellationInput): Cancellation {
  const result = refuseUnreadable('cancellation', () => cancellationSchema.safeParse(input));
  if (result.success) return result.data;
  throw new ValidationError('cancellation', validationIssues(result.error));
}
