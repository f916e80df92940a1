import {
  AuthenticationError,
  AuthorizationError,
  ConfigurationError,
  type PusherError,
  StoreFailedError,
  StoreUnavailableError,
} from '@preservarium/core';

// Of PostgreSQL's appendix "Error Codes": what passes by itself. Connections, resources, the operator's intervention (statement
// timeouts among them), transactions that stood in one another's way, locks, and a transaction that was idle for too long.
const passing = /^(08|53|57|40|55P03|25P0[34])/;
/** A primary that became a standby, and a database that takes no connections: another connection may lead to one that does. */
const refusing = new Set(['25006', '55000']);

/** Returns the coded error for an error of PostgreSQL or of the connection to it. */
export function toPusherError(cause: unknown): PusherError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const state = sqlStateOf(cause);
  if (state === undefined || passing.test(state)) {
    return new StoreUnavailableError(`PostgreSQL cannot be reached, or does not answer in time: ${message}`, {
      cause,
    });
  }
  if (refusing.has(state)) {
    return new StoreUnavailableError(
      `PostgreSQL takes no changes or connections now: ${message}; is it the primary?`,
      { cause },
    );
  }
  if (state.startsWith('28'))
    return new AuthenticationError(`PostgreSQL refused the login: ${message}`, { cause });
  if (state === '42501') {
    return new AuthorizationError(`PostgreSQL does not allow it to this role: ${message}`, { cause });
  }
  if (state === '3D000')
    return new ConfigurationError(`PostgreSQL has no such database: ${message}`, { cause });
  return new StoreFailedError(`PostgreSQL failed: ${message} (${state})`, { cause });
}

/** Only what the server said has one; a broken connection has the system's code. */
function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'severity' in error && 'code' in error)) return undefined;
  return String(error.code);
}
