import type { Caller } from '@preservarium/access';
import { cutText, type ParsedCommand, parseCommandDict, ValidationError } from '@preservarium/core';
import { anonymousId } from '../auth/authenticator.js';

/**
 * Returns the command of a body, issued by its caller.
 *
 * @throws ValidationError
 */
export function issuedCommand(
  body: unknown,
  { caller, protocols }: { readonly caller: Caller; readonly protocols: readonly string[] },
): ParsedCommand {
  const dict = body as Readonly<Record<string, unknown>>;
  if (typeof body === 'object' && body !== null && (dict.issued_by ?? null) !== null) {
    const message = 'is set by the gateway: leave it out';
    throw new ValidationError('command', [{ path: 'issued_by', message }]);
  }
  const command = parseCommandDict(dict, { protocols });
  const issuedBy = issuerOf(caller);
  // Without a field that is undefined, the push takes the short way through its validation.
  return issuedBy === undefined ? command : { ...command, issuedBy };
}

/** Returns the issuer that commands carry; undefined where nobody is known. */
export function issuerOf({ id }: Caller): string | undefined {
  return id === anonymousId ? undefined : cutText(id, 256);
}
