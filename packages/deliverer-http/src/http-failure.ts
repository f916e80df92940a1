import type { DeliveryResult } from '@preservarium/deliverer';
import { errors } from 'undici';
import { AnswerBrokeOffError } from './http-exchange.js';
import { NotSentError } from './http-last-look.js';

/** Something answered, but not as HTTP has it. */
const brokenAnswers = [AnswerBrokeOffError, errors.HTTPParserError, errors.HeadersOverflowError];

/** Codes of a connection that the other side ends: a TLS alert, or a connection that is closed before the alert is read. */
const refusals = /^(?:ERR_SSL_.*ALERT.*|EPROTO|ECONNRESET|EPIPE|UND_ERR_SOCKET)$/;
/** Codes of a certificate of the other side that is not accepted here. */
const untrusted = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;
const trusting =
  'the certificate of the device is checked against tls.ca (HTTP_CA), or else the authorities of the system';

/**
 * Returns the result of an exchange that ended without a complete response.
 *
 * @param certificate says which client certificate was used, where one can be
 */
export function failureToResult(error: unknown, origin: string, certificate?: string): DeliveryResult {
  // Undici was given something that cannot be sent, and sent nothing.
  if (error instanceof errors.InvalidArgumentError) return { kind: 'rejected', reason: error.message };
  if (error instanceof NotSentError) return error.obstacle;
  const answered = brokenAnswers.some((brokenAnswer) => error instanceof brokenAnswer);
  return {
    kind: 'retryable',
    reason: answered
      ? `${origin} gave no whole answer: ${messageOf(error)}`
      : `cannot reach ${origin}: ${[messageOf(error), ...hintsOf(error, certificate)].join('; ')}`,
    unreachable: !answered,
  };
}

function hintsOf(error: unknown, certificate: string | undefined): string[] {
  if (hasCode(error, untrusted)) return [trusting];
  return certificate !== undefined && hasCode(error, refusals) ? [certificate] : [];
}

function hasCode(error: unknown, codes: RegExp): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && codes.test(String(error.code))) || hasCode(error.cause, codes);
}

/** The causes are where undici's message says nothing; of several addresses tried, all. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = opensslReason(error) ?? (error.message || error.name);
  if (error instanceof AggregateError) return `${own} (${error.errors.map(messageOf).join('; ')})`;
  return error.cause === undefined ? own : `${own}: ${messageOf(error.cause)}`;
}

/** OpenSSL's own message names lines of its source. */
function opensslReason(error: Error): string | undefined {
  const isOpenssl = 'code' in error && String(error.code).startsWith('ERR_SSL_');
  return isOpenssl && 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
}
