import { HttpError } from './problem.js';

const maxCharacters = 256;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Returns the key of a request; undefined without the header.
 *
 * @param header as Node gives it: each byte is a character
 * @throws HttpError 400
 */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = decoded(header);
  if (key.length > 0 && key.length <= maxCharacters) return key;
  throw wrong('Idempotency-Key', `must have 1 to ${maxCharacters} characters`);
}

/** Returns the command with the idempotency key as its request id. */
export function withKey(body: unknown, key: string | undefined): Readonly<Record<string, unknown>> {
  const command = body as Readonly<Record<string, unknown>>;
  if (key === undefined || typeof body !== 'object' || body === null) return command;
  if (command.request_id === undefined || command.request_id === key) return { ...command, request_id: key };
  throw wrong('request_id', 'must be absent or the same as the header Idempotency-Key');
}

/** Clients send UTF-8, as in the body. */
function decoded(header: string): string {
  try {
    return utf8.decode(Buffer.from(header, 'latin1'));
  } catch {
    return header;
  }
}

function wrong(path: string, message: string): HttpError {
  const detail = `invalid command: ${path}: ${message}`;
  return new HttpError({ status: 400, code: 'VALIDATION_FAILED', detail, issues: [{ path, message }] });
}
