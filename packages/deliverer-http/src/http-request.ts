import { type CommandMessage, ValidationError } from '@preservarium/core';
import {
  type DeliveryContext,
  type FormatCommand,
  formatAsJson,
  isSettingsCommand,
  traceContextOf,
} from '@preservarium/deliverer';
import { asHeaderValue } from './http-header-value.js';
import type { ReadSecretsOfDevice } from './http-secrets.js';
import { newSignatureHeaders, signRequest } from './http-signature.js';

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
  { attempt, mayBeRepeat, sequence, headers: recordHeaders }: DeliveryContext,
  {
    formatCommand,
    secretsOf,
  }: { readonly formatCommand: FormatCommand; readonly secretsOf: ReadSecretsOfDevice | undefined },
): Promise<HttpRequest> {
  const method = command.method ?? (isSettingsCommand(command) ? 'PUT' : 'POST');
  const payload = (await formatCommand(command, { sequence })) ?? formatAsJson(command);
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
    'device-id': asHeaderValue(command.deviceId),
    'command-type': asHeaderValue(command.commandType),
    'command-attempt': String(attempt),
    ...(sequence !== undefined && { 'command-sequence': sequence }),
    ...(mayBeRepeat && { 'may-be-repeat': 'true' }),
    ...traceContextOf(recordHeaders),
  };
  if (secretsOf === undefined) return { ...request, headers };
  const secrets = secretsOf(command.deviceId);
  if (secrets.length === 0)
    throw refuse('deviceId', 'the device has no secret to sign its commands with (secret)');
  const signed = { ...headers, ...newSignatureHeaders(headers['idempotency-key']) };
  const signing = { direction: 'command', audience: headers['device-id'], secrets } as const;
  const signature = signRequest({ ...request, headers: signed }, signing);
  return { ...request, headers: { ...signed, 'webhook-signature': signature } };
}

/** Bodies mean nothing in a GET, and little in a DELETE (RFC 9110, sections 9.3.1 and 9.3.5). */
function isBodiless(method: string, { payload }: CommandMessage): boolean {
  if (!methods.includes(method)) throw refuse('method', `${method} is not one of ${methods.join(', ')}`);
  const isEmpty = Object.keys(payload).length === 0;
  if (method === 'GET' && !isEmpty)
    throw refuse('method', 'GET carries no payload; use POST, or a query in the path');
  return isEmpty && (method === 'GET' || method === 'DELETE');
}

function refuse(path: string, message: string): ValidationError {
  return new ValidationError('command', [{ path, message }]);
}
