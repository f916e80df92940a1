import { PusherError } from '@preservarium/core';
import { CommanderError } from 'commander';

export const exitCodesHelp = `
Exit codes:
  0  stopped by SIGTERM or Ctrl-C; a second one ends it at once, with 143 or 130
  1  it could not go on
  2  wrong arguments or settings
  3  Kafka or the device side cannot be reached, or refuses the credentials`;

/** What a process that ends with this error exits with: the same as the other programs of this repository. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!PusherError.isInstance(error)) return 1;
  switch (error.code) {
    case 'CONFIGURATION_INVALID':
    case 'CLIENT_NOT_INSTALLED':
      return 2;
    case 'BACKEND_UNAVAILABLE':
    case 'AUTHENTICATION_FAILED':
    case 'AUTHORIZATION_FAILED':
    case 'SUBSCRIPTION_FAILED':
      return 3;
    default:
      return 1;
  }
}
