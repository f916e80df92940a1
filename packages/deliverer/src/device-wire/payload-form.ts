import {
  type CommandMessage,
  cutText,
  type JsonValue,
  payloadContent,
  ValidationError,
} from '@preservarium/core';
import { decode, encode } from 'cborg';
import { parseDeviceJson } from '../device-json.js';
import type { DevicePayload } from '../format-command.js';

/** How a device writes a value: `bytes` as they are; `hex` and `base64` are bytes written as text. */
export const payloadForms = ['json', 'text', 'number', 'bytes', 'hex', 'base64', 'cbor'] as const;
export type PayloadForm = (typeof payloadForms)[number];

export type ParsedForm = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const utf8 = new TextDecoder('utf-8', { fatal: true });
const text = 'text/plain';

/**
 * Returns the bytes of the payload of a command in the form that its device wants.
 *
 * @throws ValidationError where the payload has no such form
 */
export function formatAs(form: PayloadForm, { payload }: Pick<CommandMessage, 'payload'>): DevicePayload {
  const content = payloadContent(payload);
  if (content.kind === 'bytes' || form === 'bytes' || form === 'hex' || form === 'base64') {
    const bytes = content.kind === 'bytes' ? content.bytes : bytesOfHex(content.value);
    switch (form) {
      case 'hex':
      case 'base64':
        return { bytes: Buffer.from(bytes.toString(form)), contentType: text };
      case 'bytes':
        return { bytes, contentType: 'application/octet-stream' };
      case 'cbor':
        return { bytes: Buffer.from(encode(bytes)), contentType: 'application/cbor' };
      default:
        throw unfit(`is bytes, which a device with payloads of the form "${form}" does not take`);
    }
  }
  switch (form) {
    case 'json':
      return { bytes: content.text, contentType: 'application/json' };
    case 'cbor':
      return { bytes: Buffer.from(encode(content.value)), contentType: 'application/cbor' };
    case 'number':
      if (typeof content.value === 'number') return { bytes: content.text, contentType: text };
      throw unfit('must be a number, for example {"$value": 21.5}');
    case 'text':
      if (typeof content.value === 'string') return { bytes: Buffer.from(content.value), contentType: text };
      if (typeof content.value === 'object')
        throw unfit('must be text, a number or a boolean, for example {"$value": "ON"}');
      return { bytes: content.text, contentType: text };
  }
}

function bytesOfHex(value: JsonValue): Buffer {
  if (typeof value === 'string' && /^(0x)?([0-9a-f]{2})*$/i.test(value))
    return Buffer.from(value.replace(/^0x/i, ''), 'hex');
  throw unfit('must be bytes in hexadecimal, for example {"$bytes": "01ff"}');
}

function unfit(problem: string): ValidationError {
  return new ValidationError('command', [{ path: 'payload', message: problem }]);
}

/** Reads what a device says. Bytes are lower-case hexadecimal. Never throws. */
export function parseForm(form: PayloadForm, bytes: Buffer): ParsedForm {
  try {
    switch (form) {
      case 'json':
        return parseDeviceJson(bytes);
      case 'text':
        return { ok: true, value: utf8.decode(bytes) };
      case 'number': {
        const parsed = parseDeviceJson(utf8.decode(bytes).trim());
        return parsed.ok && typeof parsed.value === 'number' ? parsed : { ok: false };
      }
      case 'bytes':
        return { ok: true, value: bytes.toString('hex') };
      case 'hex': {
        const digits = utf8.decode(bytes).trim().replace(/^0x/i, '').toLowerCase();
        return /^([0-9a-f]{2})*$/.test(digits) ? { ok: true, value: digits } : { ok: false };
      }
      case 'base64': {
        const written = utf8.decode(bytes).trim();
        const read = Buffer.from(written, 'base64');
        return read.toString('base64').replace(/=+$/, '') === written.replace(/=+$/, '')
          ? { ok: true, value: read.toString('hex') }
          : { ok: false };
      }
      case 'cbor':
        return { ok: true, value: asJson(decode(bytes, { allowBigInt: true })) };
    }
  } catch {
    return { ok: false };
  }
}

/** CBOR has bytes and large integers, which JSON has not. */
function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item)]));
}

/** Returns a value of a device as a reason has it. */
export function briefly(value: unknown): string {
  return cutText(
    typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'),
    200,
  ).toWellFormed();
}
