import type { AccessRequest } from '@preservarium/access';
import { type DeadEntry, type DeadLetterPlace, deviceOf, parsePlace } from '@preservarium/dead-letters';
import { HttpError } from '../http/problem.js';

/**
 * Returns the place that a position names.
 *
 * @throws HttpError 400
 */
export function placeOf(position: string): DeadLetterPlace {
  const place = parsePlace(position);
  if (place !== undefined) return place;
  const message = 'must be PARTITION:OFFSET as the list has it, for example 3:42';
  throw new HttpError({
    status: 400,
    code: 'VALIDATION_FAILED',
    detail: `invalid position: ${message}`,
    issues: [{ path: 'position', message }],
  });
}

/** Returns the answer where there is no dead letter at a position. */
export function unknownDeadLetter(position: string): HttpError {
  const detail = `there is no dead letter at ${position}; GET /v1/dead-letters lists them`;
  return new HttpError({ status: 404, code: 'NOT_FOUND', detail });
}

/** Returns the device and the command type of a dead letter, for the policy. */
export function subjectOf(entry: DeadEntry): Pick<AccessRequest, 'deviceId' | 'commandType'> {
  const { decoded } = entry;
  return { deviceId: deviceOf(entry), commandType: decoded.ok ? decoded.command.commandType : null };
}
