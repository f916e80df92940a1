import { z } from 'zod';
import { ValidationError } from '../errors/validation-error.js';
import { type FieldTable, modelShape } from './field-table.js';
import { deviceIdSchema, issuedBySchema, requestIdSchema } from './identifiers.js';
import { instantSchema } from './instant.js';
import { refuseUnreadable } from './unreadable-input.js';
import { validationIssues } from './validation-issues.js';

/** The request that a command is not delivered any more, as an application gives it. */
export interface CancellationInput {
  /** The target device of the command; also the Kafka key. 1 to 256 characters. */
  readonly deviceId: string;
  /** The request id of the command. 1 to 256 characters. */
  readonly requestId: string;
  /** Time of issue: a `Date`, ISO 8601 text (UTC if it has no offset), or seconds or milliseconds since 1970. Default: now. */
  readonly timestamp?: Date | string | number | undefined;
  /** The issuer of the cancellation. 1 to 256 characters. Default: not known. */
  readonly issuedBy?: string | undefined;
}

/** The request that a command is not delivered any more, with its default filled in. */
export interface Cancellation {
  /** The target device of the command; also the Kafka key. */
  readonly deviceId: string;
  /** The request id of the command. */
  readonly requestId: string;
  /** Time of issue, in milliseconds. */
  readonly timestamp: Date;
  /** The issuer of the cancellation. */
  readonly issuedBy?: string | undefined;
}

/** Every field of a cancellation; names, schema, decoder and encoder follow from it. */
export const cancellationFields = {
  requestId: { wireName: 'request_id', model: requestIdSchema },
  deviceId: { wireName: 'device_id', model: deviceIdSchema },
  timestamp: { wireName: 'timestamp', model: instantSchema.default(() => new Date()) },
  issuedBy: { wireName: 'issued_by', model: issuedBySchema.optional() },
} as const satisfies FieldTable & Record<keyof Cancellation, unknown>;

/** Checks the input of a cancellation and fills in its default. */
export const cancellationSchema = z.strictObject(modelShape(cancellationFields));

/**
 * Checks an input and fills in the default.
 *
 * @throws ValidationError with the first 20 broken rules and their places
 */
export function parseCancellation(input: CancellationInput): Cancellation {
  const result = refuseUnreadable('cancellation', () => cancellationSchema.safeParse(input));
  if (result.success) return result.data;
  throw new ValidationError('cancellation', validationIssues(result.error));
}
