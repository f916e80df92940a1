import { ConfigurationError } from '@preservarium/core';

/** SQLite's numbers of errors: https://www.sqlite.org/rescode.html */
const [busy, corrupt, full, notADatabase] = [5, 11, 13, 26];
/** The extended number of a file that is shorter than its content says. */
const shortRead = 522;

/** Returns the number of the error, or of the one that caused it: a subscription that ends because of the file has an error of its own. */
function extendedCode(error: unknown): number | undefined {
  const { errcode, cause } = (error ?? {}) as { readonly errcode?: number; readonly cause?: unknown };
  return errcode ?? (cause === undefined ? undefined : extendedCode(cause));
}

function sqliteCode(error: unknown): number | undefined {
  const errcode = extendedCode(error);
  // The lower byte is the kind of error.
  return errcode === undefined ? undefined : errcode & 0xff;
}

function isOfFileSystem(error: unknown): boolean {
  const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === 'mkdir' || syscall === 'open' || syscall === 'chmod' || syscall === 'statfs';
}

/** Returns the error of a row whose content is not what was written: `isDamaged` is true for it. */
export function damagedError(message: string): Error {
  return Object.assign(new Error(message), { errcode: corrupt });
}

/** Returns true for an error of SQLite that a new file mends. */
export function isDamaged(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === corrupt || code === notADatabase || extendedCode(error) === shortRead;
}

/** Returns true for an error of SQLite that free space mends. */
export function isDiskFull(error: unknown): boolean {
  return sqliteCode(error) === full;
}

/**
 * Returns an error of a state file, or of its directory, as a ConfigurationError that names the variable and keeps the cause; any other error as it is.
 *
 * @param stateDir undefined: there is no file, and every error is returned as it is
 */
export function describeStateError(error: unknown, stateDir: string | undefined): unknown {
  const isOfFile = sqliteCode(error) !== undefined || isOfFileSystem(error);
  if (!isOfFile || stateDir === undefined || ConfigurationError.isInstance(error)) return error;
  return new ConfigurationError(`stateDir (CONNECTOR_STATE_DIR): ${describe(error, stateDir)}`, {
    cause: error,
  });
}

function describe(error: unknown, stateDir: string): string {
  if (sqliteCode(error) === busy) {
    return `another process uses ${stateDir}: give each process a directory of its own`;
  }
  if (isDiskFull(error)) {
    return `the disk of ${stateDir} is full: free space on it, or give a directory on another disk`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `the files in ${stateDir} cannot be used (${reason}): give a directory that this process may write to, on a disk with free space`;
}
