import { formatInstant } from '../models/instant.js';
import type { LifecycleEvent } from '../models/lifecycle-event.js';
import { encodeJson } from './encode-json.js';

/**
 * The value of the record that carries `event`: JSON in UTF-8, as `lifecycleEventEnvelopeSchema` describes it. It checks
 * nothing: there are several for each command.
 */
export function encodeLifecycleEvent(event: LifecycleEvent): Buffer {
  // JSON leaves out what is undefined.
  return encodeJson({
    request_id: event.requestId,
    device_id: event.deviceId,
    state: event.state,
    timestamp: formatInstant(event.timestamp),
    command_type: event.commandType,
    protocol: event.protocol,
    evidence: event.evidence,
    attempt: event.attempt,
    reason: event.reason,
    result: event.result ?? undefined,
    may_be_repeat: event.mayBeRepeat,
  });
}
