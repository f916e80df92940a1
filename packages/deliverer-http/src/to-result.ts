import { isUtf8 } from 'node:buffer';
import {
  type DeliveryResult,
  type DeviceResult,
  deviceResult,
  parseDeviceJson,
  resultLeftOut,
} from '@preservarium/deliverer';
import { type HttpAnswer, maxBodyBytes } from './http-exchange.js';
import { retryAfterMs } from './http-retry-after.js';

/** Of the 4xx, those that say "not now": Request Timeout, Too Early, Too Many Requests. */
const retryableStatuses = [408, 425, 429];
/** Statuses of a gateway or a device while the device is unreachable: Bad Gateway, Service Unavailable, Gateway Timeout. */
const unreachableStatuses = [502, 503, 504];
const longestExcerpt = 200;

/** Returns the result that an answer proves. */
export function toResult(answer: HttpAnswer, evidence: 'gateway' | 'device'): DeliveryResult {
  const { status } = answer;
  if (status >= 200 && status < 300) return delivered(answer, evidence);
  const reason = describe(answer);
  if (status < 500 && !retryableStatuses.includes(status)) return { kind: 'rejected', reason };
  const afterMs = retryAfterMs(headerOf(answer, 'retry-after'));
  const unreachable = unreachableStatuses.includes(status);
  return { kind: 'retryable', reason, unreachable, ...(afterMs !== undefined && { afterMs }) };
}

/** 202 says that the command will be dealt with later (RFC 9110, section 15.3.3), so it is no device's acknowledgement. */
function delivered(answer: HttpAnswer, evidence: 'gateway' | 'device'): DeliveryResult {
  const proven = answer.status === 202 ? 'gateway' : evidence;
  return { kind: 'delivered', evidence: proven, ...readResult(answer) };
}

const jsonType = /^(application|text)\/([\w.-]+\+)?json\b/i;
/** Many devices name no type, or call their JSON text. */
const textType = /^(text\/plain\b|$)/i;

/** Answers are JSON where they can be read as it, else text; those of other types are left out. */
function readResult(answer: HttpAnswer): DeviceResult {
  const { body } = answer;
  const type = headerOf(answer, 'content-type')?.trim() ?? '';
  if (!jsonType.test(type) && !textType.test(type)) return {};
  if (body === undefined) return resultLeftOut(`the answer has more than ${maxBodyBytes} bytes`);
  if (body.length === 0) return {};
  const parsed = parseDeviceJson(body);
  if (parsed.ok) return deviceResult(parsed.value);
  return isUtf8(body) ? deviceResult(body.toString()) : resultLeftOut('the answer is not text in UTF-8');
}

function describe(answer: HttpAnswer): string {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    const location = excerpt(headerOf(answer, 'location') ?? '');
    return `answered ${status}${location && `, to ${location}`}; redirects are not followed: correct the device directory`;
  }
  const text = excerpt(answer.body?.toString() ?? '');
  return `answered ${status}${wantedLogin(answer)}${text && `: ${text}`}`;
}

/** The schemes of a login that a 401 asks for (RFC 9110, section 11.6.1). */
function wantedLogin(answer: HttpAnswer): string {
  if (answer.status !== 401) return '';
  const challenges = [answer.headers['www-authenticate'] ?? []].flat().join(', ');
  const schemes = [...challenges.matchAll(/(?:^|,)\s*([\w!#$%&'*+.^`|~-]+)(?=\s+[^\s=,]|\s*(?:,|$))/g)].map(
    ([, name]) => name,
  );
  return schemes.length === 0 ? '' : `, it wants a login with ${[...new Set(schemes)].join(' or ')}`;
}

/** On one line, for a log or a header. */
function excerpt(text: string): string {
  const line = text
    .slice(0, longestExcerpt)
    .replace(/[\p{Cc}\s\ufffd]+/gu, ' ')
    .trim();
  return text.length > longestExcerpt ? `${line}…` : line;
}

function headerOf({ headers }: HttpAnswer, name: string): string | undefined {
  return [headers[name]].flat()[0];
}
