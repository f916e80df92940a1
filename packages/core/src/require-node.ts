import { ConfigurationError } from './errors/errors.js';

/** The version in `engines` of every package. */
const needed = [22, 18] as const;

/**
 * Stops the import of this package on a Node that is too old, which would fail later with an error that does not name the cause.
 * Does nothing where there is no Node, as in a browser.
 *
 * @throws ConfigurationError
 */
export function requireNode(version: string | undefined = globalThis.process?.versions?.node): void {
  if (version === undefined) return;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return;
  throw new ConfigurationError(
    `this is Node ${version}, and the packages @preservarium/* need Node ${needed.join('.')} or newer: install one from https://nodejs.org`,
  );
}
