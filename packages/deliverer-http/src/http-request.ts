import { type CommandMessage, ValidationError } from '@preservarium/core';
import {
  type DeliveryContext,
  type FormatCommand,
  formatAsJson,
  isSettingsCommand,
  traceContextOf,
} from '@preservarium/deliverer';
import { signRequest } from './http-signature.js';

export interface HttpRequest {
  readonly origin: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Returns the request for a command.
 *
 * @throws ValidationError when HTTP cannot carry it; and what `formatCommand` throws
 */
export async function toRequest(
  command: CommandMessage,
  url: URL,
  { attempt, mayBeRepeat, headers: recordHeaders }: DeliveryContext,
  { formatCommand, secrets }: { readonly formatCommand: FormatCommand; readonly secrets: readonly Buffer[] },
): Promise<HttpRequest> {
  const method = command.method ?? (isSettingsCommand(command) ? 'PUT' : 'POST');
  const payload = (await formatCommand(command)) ?? formatAsJson(command);
  const hasBody = !isBodiless(method, command);
  const request = {
    origin: url.origin,
    method,
    path: url.pathname + url.search,
    body: hasBody ? payload.bytes : Buffer.alloc(0),
  };
  const headers = {
    ...(hasBody && { 'content-type': payload.contentType }),
    'user-agent': 'preservarium-pusher',
    'idempotency-key': asHeaderValue(command.requestId),
    'command-type': asHeaderValue(command.commandType),
    'command-attempt': String(attempt),
    ...(mayBeRepeat && { 'may-be-repeat': 'true' }),
    ...traceContextOf(recordHeaders),
  };
  if (secrets.length === 0) return { ...request, headers };
  const signed = {
    ...headers,
    'webhook-id': headers['idempotency-key'],
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
  };
  const signature = signRequest({ ...request, headers: signed }, secrets);
  return { ...request, headers: { ...signed, 'webhook-signature': signature } };
}

/** Bodies mean nothing in a GET, and little in a DELETE (RFC 9110, sections 9.3.1 and 9.3.5). */
function isBodiless(method: string, { payload }: CommandMessage): boolean {
  if (!methods.includes(method)) throw refuse(`${method} is not one of ${methods.join(', ')}`);
  const isEmpty = Object.keys(payload).length === 0;
  if (method === 'GET' && !isEmpty) throw refuse('GET carries no payload; use POST, or a query in the path');
  return isEmpty && (method === 'GET' || method === 'DELETE');
}

/** Text as it is, where it is printable ASCII without spaces and "%"; the rest percent-encoded UTF-8. */
function asHeaderValue(text: string): string {
  return text.replace(/[^!-$&-~]+/gu, encodeURIComponent);
}

function refuse(message: string): ValidationError {
  return new ValidationError('command', [{ path: 'method', message }]);
}
