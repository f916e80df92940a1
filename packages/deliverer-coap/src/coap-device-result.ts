import { type DeviceResult, deviceResult, parseDeviceJson } from '@preservarium/deliverer';
import type { CoapAnswer } from './coap-exchange-outcome.js';

/** More of an answer is not kept: it goes into lifecycle events. */
const maxResultBytes = 16 * 1024;

/**
 * Returns what a device said in its answer: JSON where it can be read as it, else text, or lower-case hex where it is not text; of a long
 * answer, its beginning. JSON that no event can carry is left out, which the reason says. Empty for an empty answer.
 */
export function toDeviceResult({
  payload,
  contentType,
}: Pick<CoapAnswer, 'payload' | 'contentType'>): DeviceResult {
  if (payload.length === 0) return {};
  if (mayBeJson(contentType) && payload.length <= maxResultBytes) {
    const parsed = parseDeviceJson(payload);
    if (parsed.ok) return deviceResult(parsed.value);
  }
  return { result: toText(payload) };
}

/** Many devices name no format, or call their JSON text. */
function mayBeJson(contentType: CoapAnswer['contentType']): boolean {
  return (
    contentType === undefined ||
    (typeof contentType === 'string' && /[/+]json\b|^text\/plain\b/.test(contentType))
  );
}

/** Returns the beginning of what a device says, as text, or as lower-case hex where it is not text. */
export function toText(bytes: Buffer): string {
  const beginning = bytes.subarray(0, maxResultBytes);
  try {
    // As a stream, so that a character cut in two at the limit is left out and not an error.
    return new TextDecoder('utf-8', { fatal: true }).decode(beginning, {
      stream: bytes.length > beginning.length,
    });
  } catch {
    // No text: shown the way bytes are shown in commands.
    return bytes.subarray(0, maxResultBytes / 2).toString('hex');
  }
}
