import { ConfigurationError } from '@preservarium/core';

/** SQLite's numbers of errors. */
const [busy, corrupt, full, notADatabase] = [5, 11, 13, 26];
/** The extended number of a file that is shorter than its content says. */
const shortRead = 522;

/** Returns the number of the error, or of the one that caused it: a subscription that ends because of the store has an error of its own. */
function extendedCode(error: unknown): number | undefined {
  const { errcode, cause } = (error ?? {}) as { readonly errcode?: number; readonly cause?: unknown };
  return errcode ?? (cause === undefined ? undefined : extendedCode(cause));
}

function sqliteCode(error: unknown): number | undefined {
  const errcode = extendedCode(error);
  // The lower byte is the kind of error.
  return errcode === undefined ? undefined : errcode & 0xff;
}

function isOfFile(error: unknown): boolean {
  const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === 'mkdir' || syscall === 'open' || syscall === 'chmod' || syscall === 'statfs';
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

/** Returns an error of the store, or of its directory, as one that names the variable; any other error as it is. */
export function describeStoreError(error: unknown, stateDir: string | undefined): unknown {
  const isOfStore = sqliteCode(error) !== undefined || isOfFile(error);
  if (!isOfStore || stateDir === undefined) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  if (sqliteCode(error) === busy) {
    return new ConfigurationError(
      `stateDir (CONNECTOR_STATE_DIR): another process uses ${stateDir}: give each connector a directory of its own`,
      cause,
    );
  }
  if (isDiskFull(error)) {
    return new ConfigurationError(
      `stateDir (CONNECTOR_STATE_DIR): the disk of ${stateDir} is full: free space on it, or give a directory on another disk`,
      cause,
    );
  }
  return new ConfigurationError(
    `stateDir (CONNECTOR_STATE_DIR): the store in ${stateDir} cannot be used (${reason}): give a directory that the connector may write to, on a disk with free space`,
    cause,
  );
}
