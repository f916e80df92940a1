import type { PusherErrorCode } from '@preservarium/core';

/** What a shell script can tell apart. */
export const exitCodes = {
  ok: 0,
  /** A command, or some of many, was refused or not acknowledged; or another request failed. */
  failed: 1,
  /** The arguments, the settings or the installation are wrong. */
  usage: 2,
  /** Kafka or the command store cannot be reached, or does not let this user in. */
  unreachable: 3,
} as const;

/** The same for `--help`. A process ended by a signal exits with 128 and its number, as in every shell. */
export const exitCodesHelp = `
Exit codes:
  0    done
  1    a command was refused or not acknowledged (of many: at least one), or the request failed
  2    wrong arguments or settings
  3    Kafka or the command store cannot be reached, or refuses the credentials or the permission
  130  interrupted with Ctrl-C (143: by SIGTERM)`;

/** The exit code that an error of this code ends with. */
export function exitCodeOf(code: PusherErrorCode): number {
  switch (code) {
    case 'CONFIGURATION_INVALID':
    case 'CLIENT_NOT_INSTALLED':
      return exitCodes.usage;
    case 'BACKEND_UNAVAILABLE':
    case 'AUTHENTICATION_FAILED':
    case 'AUTHORIZATION_FAILED':
    case 'STORE_UNAVAILABLE':
    case 'SUBSCRIPTION_FAILED':
      return exitCodes.unreachable;
    default:
      return exitCodes.failed;
  }
}
