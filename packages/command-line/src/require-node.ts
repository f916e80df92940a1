/** The version in `engines` of every package. */
const needed = [22, 18] as const;

/**
 * Ends the process with one line and exit code 2 on a Node that is too old. A program calls it before it imports anything else:
 * the import of a package fails on an old Node with an error that does not name the cause.
 */
export function requireNode(program: string, version: string = process.versions.node): void {
  if (isSupportedNode(version)) return;
  process.stderr.write(
    `${program}: CONFIGURATION_INVALID: this is Node ${version}, and Node ${needed.join('.')} or newer is needed: install one from https://nodejs.org\n`,
  );
  process.exit(2);
}

/** Returns true if a version such as `22.18.0` is new enough for the packages. */
export function isSupportedNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}
