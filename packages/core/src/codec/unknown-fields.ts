import { maxJsonDepth } from '../limits.js';
import { cutText } from '../models/cut-text.js';
import { describeIssues } from '../models/describe-issues.js';
import { isNestedDeeper } from '../models/is-nested-deeper.js';
import { formatPath } from '../models/validation-issues.js';
import type { DecodeFailure } from './decode-json-object.js';

/** Returns why fields that this version does not know cannot be kept: an encoder that wrote them again would overflow the stack. */
export function unknownFieldsFailure(fields: Readonly<Record<string, unknown>>): DecodeFailure | undefined {
  for (const [name, value] of Object.entries(fields)) {
    if (!isNestedDeeper(value, maxJsonDepth)) continue;
    const path = formatPath([cutText(name, 64)]);
    const message = describeIssues([{ path, message: `is nested more than ${maxJsonDepth} levels deep` }]);
    return { ok: false, reason: 'invalid-fields', message };
  }
  return undefined;
}
