import { ConfigurationError, ValidationError } from '@preservarium/core';
import type { DeviceDirectory } from './device-directory.js';
import { addressProblem, withoutCredentials } from './device-directory-address.js';

const placeholder = '{deviceId}';
const parts =
  /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?<host>[^/:@[\]]+|\[[\da-f:.]+(?:%25[\w.~-]+)?\])(?<port>:\d+)?(?<path>\/.*)?$/i;
/** A label of a host name (RFC 1123, section 2.1). */
const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * A directory that makes each address from the id of the device: `coap://{deviceId}.devices.example` or
 * `https://gateway.example/devices/{deviceId}`. An id changes nothing but its own place. In a path it is percent-encoded; in
 * a host it must be a valid label, else the directory throws a `ValidationError`.
 *
 * @throws ConfigurationError when the template is no address, has no `{deviceId}`, or lets the id name any host
 */
export function directoryFromTemplate(template: string): DeviceDirectory {
  const { scheme = '', host = '', port = '', path = '' } = parts.exec(template)?.groups ?? {};
  const problem = templateProblem(template, host);
  if (problem !== undefined) {
    throw new ConfigurationError(
      `the device address template "${withoutCredentials(template)}" ${problem}; for example https://gateway.example/devices/${placeholder}`,
    );
  }
  return (deviceId) => {
    const filledHost = host.replaceAll(placeholder, () => asHostLabel(deviceId));
    const filledPath = path.replaceAll(placeholder, () => asPathSegment(deviceId));
    if (filledHost.split('.').some((label) => label.length > 63) || filledHost.length > 253) {
      throw unfit(deviceId, 'makes the host name of its address too long');
    }
    if (filledPath.split('/').some((segment) => segment === '.' || segment === '..')) {
      throw unfit(deviceId, 'makes a "." or ".." segment in the path of its address');
    }
    return `${scheme}${filledHost}${port}${filledPath}`;
  };
}

function templateProblem(template: string, host: string): string | undefined {
  if (!template.includes(placeholder)) return `has no ${placeholder}: all devices would have one address`;
  const filled = template.replaceAll(placeholder, 'a');
  if (/[{}]/.test(filled)) return `has braces that are not ${placeholder}`;
  if (host === '') return 'is not scheme://host, with a port and a path if need be';
  if (host.split('.').at(-1)?.includes(placeholder)) {
    return `has ${placeholder} at the end of its host: a device could be given any host`;
  }
  return addressProblem(filled);
}

function asHostLabel(deviceId: string): string {
  if (hostLabel.test(deviceId)) return deviceId;
  throw unfit(deviceId, 'is not a label of a host name: letters, digits and hyphens, at most 63');
}

function asPathSegment(deviceId: string): string {
  if (deviceId !== '' && deviceId.isWellFormed()) return encodeURIComponent(deviceId);
  throw unfit(deviceId, 'is empty or has broken surrogate pairs');
}

function unfit(deviceId: string, problem: string): ValidationError {
  const message = `${JSON.stringify(deviceId)} ${problem}`;
  return new ValidationError('command', [{ path: 'deviceId', message }]);
}
