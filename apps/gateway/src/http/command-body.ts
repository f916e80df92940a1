import {
  encodeLifecycleEvent,
  type Lifecycle,
  type LifecycleEvent,
  parseExactJson,
} from '@preservarium/core';
import type { PushReceipt } from '@preservarium/publisher';
import type { CommandBody, ReceiptBody } from '../schemas/command.js';

/** Returns a command as the API answers it, with the names of the wire. */
export function commandBody(lifecycle: Lifecycle): CommandBody {
  return {
    request_id: lifecycle.requestId,
    device_id: lifecycle.deviceId,
    command_type: lifecycle.commandType,
    protocol: lifecycle.protocol,
    issued_by: lifecycle.issuedBy,
    state: lifecycle.state,
    is_final: lifecycle.isFinal,
    timestamp: lifecycle.timestamp.toISOString(),
    evidence: lifecycle.evidence,
    reason: lifecycle.reason,
    result: lifecycle.result as CommandBody['result'],
    events: lifecycle.events.map(eventBody),
  };
}

/** Returns a lifecycle event with the names of the wire. */
export function eventBody(event: LifecycleEvent): CommandBody['events'][number] {
  return parseExactJson(encodeLifecycleEvent(event).toString()) as CommandBody['events'][number];
}

/** Returns the address of a command; the device is in it, because a request id alone does not name a command. */
export function commandLocation({ requestId, deviceId }: Pick<Lifecycle, 'requestId' | 'deviceId'>): string {
  return `/v1/commands/${encodeURIComponent(requestId)}?device=${encodeURIComponent(deviceId)}`;
}

/** Returns an acknowledgement as the API answers it. */
export function receiptBody(deviceId: string, receipt: PushReceipt): ReceiptBody {
  const { requestId, topic, partition, offset } = receipt;
  return { request_id: requestId, device_id: deviceId, state: 'published', topic, partition, offset };
}
