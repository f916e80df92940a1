import type { z } from 'zod';
import { describeIssues } from '../models/describe-issues.js';
import { validationIssues } from '../models/validation-issues.js';
import type { DecodeFailure } from './decode-json-object.js';
import { toWirePath, type WireNames } from './wire-names.js';

/** Returns why a schema rejects a decoded object, in the names of the wire. */
export function invalidFields(error: z.ZodError, names: WireNames): DecodeFailure {
  const issues = validationIssues(error).map(({ path, message }) => ({
    path: toWirePath(path, names),
    message,
  }));
  return { ok: false, reason: 'invalid-fields', message: describeIssues(issues) };
}
