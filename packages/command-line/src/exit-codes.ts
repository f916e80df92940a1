import { PusherError } from '@preservarium/core';
import { CommanderError } from 'commander';

/** The exit codes of the programs. A process ended by a signal exits with 128 and its number, as in every shell. */
export const exitCodes = {
  ok: 0,
  /** A command, or some of many, was refused or not acknowledged; or another request failed. */
  failed: 1,
  /** The arguments, the settings or the installation are wrong. */
  usage: 2,
  /** Kafka or a command store cannot be reached, or does not let this user in. */
  unreachable: 3,
  /** Settings have another version than they were pushed for. */
  conflict: 4,
} as const;

/** Returns the exit code for this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (!PusherError.isInstance(error)) return exitCodes.failed;
  switch (error.code) {
    case 'CONFIGURATION_INVALID':
    case 'CLIENT_NOT_INSTALLED':
      return exitCodes.usage;
    case 'BACKEND_UNAVAILABLE':
    case 'AUTHENTICATION_FAILED':
    case 'AUTHORIZATION_FAILED':
    case 'STORE_UNAVAILABLE':
    case 'SUBSCRIPTION_FAILED':
      return exitCodes.unreachable;
    case 'SETTINGS_CONFLICT':
      return exitCodes.conflict;
    default:
      return exitCodes.failed;
  }
}
