import type { LifecycleEvent } from '../models/lifecycle-event.js';
import { encodeJson } from './encode-json.js';

/** The value of the record that carries `event`: JSON in UTF-8, names in snake_case. */
export function encodeLifecycleEvent(event: LifecycleEvent): Buffer {
  return encodeJson({
    request_id: event.requestId,
    device_id: event.deviceId,
    state: event.state,
    timestamp: event.timestamp,
    command_type: event.commandType,
    protocol: event.protocol,
    evidence: event.evidence,
    attempt: event.attempt,
    reason: event.reason,
    result: event.result,
    may_be_repeat: event.mayBeRepeat,
  });
}
