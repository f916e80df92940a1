/** How a device, or its gateway, knows who sends a request. It is sent to the base URL of the device alone. */
export type HttpLogin =
  /** RFC 7617: name and password in clear text, so with `https:` only. */
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  /** RFC 7616: the password is not sent, whatever algorithm the device asks for. */
  | { readonly scheme: 'digest'; readonly username: string; readonly password: string }
  /** RFC 6750. */
  | { readonly scheme: 'bearer'; readonly token: string };

/** Returns the login of a device; undefined for a device without one. */
export type LoginOfDevice = (deviceId: string) => HttpLogin | undefined;

/** Returns the problem of a login; undefined for one that can be used. */
export function loginProblem(login: unknown): string | undefined {
  if (typeof login !== 'object' || login === null) return 'a login is an object with a scheme';
  const { scheme, username, password, token } = login as Partial<Record<string, unknown>>;
  if (scheme === 'bearer') {
    return typeof token === 'string' && /^[\w.~+/-]+=*$/.test(token)
      ? undefined
      : 'bearer needs a token, which is letters, digits and - . _ ~ + /';
  }
  if (scheme !== 'basic' && scheme !== 'digest') return 'scheme must be basic, digest or bearer';
  const areTexts = [username, password].every((text) => typeof text === 'string' && !/\p{Cc}/u.test(text));
  if (!areTexts) return `${scheme} needs username and password, without control characters`;
  return scheme === 'basic' && String(username).includes(':')
    ? 'username must have no ":" for basic'
    : undefined;
}
