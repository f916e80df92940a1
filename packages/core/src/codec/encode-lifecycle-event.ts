import { maxEventBytes, maxReasonCharacters } from '../limits.js';
import { cutText } from '../models/cut-text.js';
import type { WireNameOf } from '../models/field-table.js';
import { formatInstant } from '../models/instant.js';
import type { JsonValue } from '../models/json-value.js';
import type { LifecycleEvent, lifecycleEventFields } from '../models/lifecycle-event.js';
import { exactNumbers } from '../models/number-texts.js';
import { isPlainJson } from '../models/plain-checks.js';
import { encodeJson } from './encode-json.js';
import { fitJson } from './fit-json.js';

/**
 * Returns the value of the record that carries `event`: JSON in UTF-8, as `lifecycleEventEnvelopeSchema` describes it. It does not
 * validate the event, but what it writes can be read again: a result that JSON cannot carry, that has more than 64 levels or that
 * makes the event larger than `maxBytes` is left out, and the reason says so. Reason, command type and protocol are cut to 1,000, 128 and 64 characters.
 *
 * @param options.maxBytes bytes of the whole value. Default: 1,000,000
 */
export function encodeLifecycleEvent(
  event: LifecycleEvent,
  options: { readonly maxBytes?: number } = {},
): Buffer {
  const { maxBytes = maxEventBytes } = options;
  const { result } = event;
  if (result === undefined || result === null) return encode(event, undefined, event.reason);
  if (!isPlainJson(result)) {
    const fitted = fitJson(result, { maxBytes });
    if (!fitted.fits) return encodeWithoutResult(event, fitted.problem);
    return encodeWithin(event, fitted.value, maxBytes);
  }
  return encodeWithin(event, result, maxBytes);
}

function encodeWithin(event: LifecycleEvent, result: JsonValue, maxBytes: number): Buffer {
  const value = encode(event, result, event.reason);
  if (value.length <= maxBytes) return value;
  return encodeWithoutResult(event, `the event would take ${value.length} bytes, the limit is ${maxBytes}`);
}

function encodeWithoutResult(event: LifecycleEvent, problem: string): Buffer {
  const leftOut = `the result was left out: ${problem}`;
  const said = event.reason === undefined ? leftOut : `${cutText(event.reason, 400)}; ${leftOut}`;
  return encode(event, undefined, said);
}

function encode(event: LifecycleEvent, result: JsonValue | undefined, reason: string | undefined): Buffer {
  // JSON leaves out what is undefined.
  return encodeJson({
    request_id: event.requestId,
    device_id: event.deviceId,
    state: event.state,
    timestamp: formatInstant(event.timestamp),
    command_type: cut(event.commandType, 128),
    protocol: cut(event.protocol, 64),
    evidence: event.evidence,
    attempt: event.attempt,
    reason: cut(reason, maxReasonCharacters),
    result: exactNumbers(result),
    may_be_repeat: event.mayBeRepeat,
    may_be_executed: event.mayBeExecuted,
    next_attempt_at: event.nextAttemptAt && formatInstant(event.nextAttemptAt),
    behind: event.behind,
    redriven_at: event.redrivenAt && formatInstant(event.redrivenAt),
    claim_epoch: event.claimEpoch,
    issued_by: event.issuedBy,
  } satisfies Record<WireNameOf<typeof lifecycleEventFields>, unknown>);
}

function cut(text: string | undefined, maxCharacters: number): string | undefined {
  return text === undefined ? undefined : cutText(text, maxCharacters);
}
