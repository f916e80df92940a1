import { cutText } from '@preservarium/core';
import type { DeliveryResult } from '@preservarium/deliverer';
import { toDeviceResult, toText } from './coap-device-result.js';
import type { CoapAnswer, ExchangeOutcome } from './coap-exchange-outcome.js';

/** Answers of the class 4 that say "not now" instead of "no" (RFC 7959, section 2.9.2; RFC 8516). */
const retryableCodes = ['4.08', '4.29'];
/** Answers whose Max-Age says when to come again (RFC 7252, section 5.9.3.4; RFC 8516). */
const pausingCodes = ['4.29', '5.03'];

/** A device that asks for more is tried again after a day, as with Retry-After of HTTP. */
const longestPauseMs = 24 * 3_600_000;
/** Of a diagnostic payload in a reason. */
const maxDiagnosticCharacters = 201;

/** Returns the result of a delivery for the outcome of its request. */
export function toResult(outcome: ExchangeOutcome): DeliveryResult {
  switch (outcome.kind) {
    case 'answered':
      return fromAnswer(outcome.answer);
    case 'unfit':
      return { kind: 'rejected', reason: outcome.reason };
    case 'failed':
      return { kind: 'retryable', reason: outcome.reason, unreachable: outcome.unreachable };
  }
}

function fromAnswer(answer: CoapAnswer): DeliveryResult {
  const { code, maxAgeSeconds } = answer;
  if (code.startsWith('2.')) {
    return { kind: 'delivered', evidence: 'device', ...toDeviceResult(answer) };
  }
  const reason = describe(answer);
  if (code.startsWith('4.') && !retryableCodes.includes(code)) return { kind: 'rejected', reason };
  const afterMs =
    pausingCodes.includes(code) && maxAgeSeconds !== undefined
      ? { afterMs: Math.min(maxAgeSeconds * 1_000, longestPauseMs) }
      : {};
  return { kind: 'retryable', reason, unreachable: false, ...afterMs };
}

/** The code, and the diagnostic payload that may come with it (RFC 7252, section 5.5.2). */
function describe(answer: CoapAnswer): string {
  if (answer.code === '0.00') return 'the device reset the exchange';
  const detail =
    answer.payload.length === 0 ? '' : `: ${cutText(toText(answer.payload), maxDiagnosticCharacters)}`;
  return `the device answered ${answer.code}${detail}`;
}
