import type { DeliveryResult } from '@preservarium/deliverer';

/** The answer of the broker to a message: PUBACK, or PUBREC and PUBCOMP. */
export interface MqttAnswer {
  /** MQTT 5.0, section 2.4; always 0 in 3.1.1. */
  readonly reasonCode: number;
  /** The reason string of the broker. */
  readonly reasonString?: string | undefined;
  /** True: the message was to be retained for later subscribers. */
  readonly retain: boolean;
}

const noMatchingSubscribers = 0x10;
const lowestFailure = 0x80;

/** The failures that a further attempt cannot mend (MQTT 5.0, section 3.4.2.1). */
const refusals: Readonly<Record<number, string>> = {
  135: 'not authorized to publish to this topic',
  144: 'topic name invalid',
  // Not among the answers to PUBLISH, but what mosquitto gives beyond its message_size_limit.
  149: 'packet too large',
  153: 'payload format invalid',
};

/** Those that may pass. */
const passingFailures: Readonly<Record<number, string>> = {
  128: 'unspecified error',
  131: 'implementation specific error',
  145: 'packet identifier in use',
  146: 'packet identifier not found',
  151: 'quota exceeded',
};

/** Returns the result that the broker's answer proves: at most, that the broker has the message. */
export function toResult({ reasonCode, reasonString, retain }: MqttAnswer): DeliveryResult {
  if (reasonCode === noMatchingSubscribers && !retain) {
    return { kind: 'retryable', reason: 'the device has no subscription at the broker', unreachable: true };
  }
  if (reasonCode < lowestFailure) return { kind: 'delivered', evidence: 'gateway' };
  const refusal = refusals[reasonCode];
  const meaning = refusal ?? passingFailures[reasonCode] ?? 'unknown reason';
  const words = reasonString ? `: ${reasonString}` : '';
  const reason = `the broker answered 0x${reasonCode.toString(16)}, ${meaning}${words}`;
  if (refusal !== undefined) return { kind: 'rejected', reason };
  return { kind: 'retryable', reason, unreachable: false };
}
