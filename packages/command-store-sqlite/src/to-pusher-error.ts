import {
  ConfigurationError,
  type PusherError,
  StoreFailedError,
  StoreUnavailableError,
} from '@preservarium/core';

// Of https://sqlite.org/rescode.html; the lower eight bits are the kind.
const busy = 5;
const locked = 6;
const readOnly = 8;
const full = 13;
const damaged = 11;
const cannotOpen = 14;
const notADatabase = 26;

/** Returns the coded error for an error of SQLite. */
export function toPusherError(cause: unknown, path: string): PusherError {
  const message = cause instanceof Error ? cause.message : String(cause);
  switch (kindOf(cause)) {
    case busy:
    case locked:
      return new StoreUnavailableError(`${path} is busy with what other processes do: ${message}`, { cause });
    case full:
      return new StoreUnavailableError(`there is no room for ${path}: ${message}`, { cause });
    case readOnly:
    case cannotOpen:
      return new ConfigurationError(
        `${path} cannot be opened to write: ${message}; its folder must exist, for example /var/lib/pusher/commands.sqlite`,
        { cause },
      );
    case damaged:
      return new StoreFailedError(
        `${path} is damaged: ${message}; \`pusher store rebuild --store sqlite:${path}\` moves it aside and reads all events that Kafka still keeps`,
        { cause },
      );
    case notADatabase:
      return new ConfigurationError(`${path} is there, but is no SQLite database; give another path`, {
        cause,
      });
    default:
      return new StoreFailedError(`SQLite failed at ${path}: ${message}`, { cause });
  }
}

function kindOf(error: unknown): number | undefined {
  if (!(error instanceof Error && 'errcode' in error)) return undefined;
  return Number(error.errcode) & 0xff;
}
