import { type CommandMessage, ValidationError } from '@preservarium/core';
import { isSettingsCommand, withoutCredentials } from '@preservarium/deliverer';

const settingsPath = '/settings';

/**
 * Where a command goes: its path on the base URL of its device, and nowhere else.
 *
 * @throws ValidationError when the base URL is none, or the path would lead out of it
 */
export function locate(command: CommandMessage, baseUrl: string): URL {
  const url = readBaseUrl(command.deviceId, baseUrl);
  const wanted = command.path ?? (isSettingsCommand(command) ? settingsPath : undefined);
  if (wanted === undefined) return url;
  const [path = '', ...query] = wanted.split('?');
  const problem =
    pathProblem(path) ?? (/[#\p{Cc}]/u.test(wanted) ? 'has characters that no path has' : undefined);
  if (problem !== undefined) throw refuse('path', `${JSON.stringify(wanted)} ${problem}`);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
  url.search = query.join('?');
  return url;
}

function readBaseUrl(deviceId: string, address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url !== undefined && isHttp && `${url.username}${url.password}${url.search}${url.hash}` === '')
    return url;
  const device = `device ${JSON.stringify(deviceId)}`;
  throw refuse(
    'deviceId',
    `the address of ${device} in the directory, "${withoutCredentials(address)}", is not an http or https URL without credentials and query`,
  );
}

/** Returns the problem that makes a path unsafe behind another: a server may decode it before it resolves dots. */
function pathProblem(path: string): string | undefined {
  if (/^[/\\]{2}/.test(path)) return 'begins with a host';
  if (/^[a-z][a-z0-9+.-]*:/i.test(path))
    return 'begins with a scheme; write a first segment with a colon behind a "/"';
  return stepProblem(path);
}

/** A gateway and the server behind it may each decode once, and take what follows a ";" for a parameter of the segment. */
function stepProblem(path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return 'has a broken percent-encoding';
  }
  if (/\p{Cc}/u.test(decoded)) return 'has control characters';
  if (decoded.includes('\\')) return 'has a backslash';
  if (decoded.split('/').some((segment) => /^\.{1,2}(;|$)/.test(segment))) return 'has a "." or ".." segment';
  return decoded === path || !/%[\da-f]{2}/i.test(decoded) ? undefined : stepProblem(decoded);
}

function refuse(path: string, message: string): ValidationError {
  return new ValidationError('command', [{ path, message }]);
}
