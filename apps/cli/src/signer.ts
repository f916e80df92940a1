import type { RecordSigner } from '@preservarium/backend';
import { openSigner, signingVariables } from '@preservarium/command-line/signing';
import { readVariables } from '@preservarium/environment';
import type { Command } from 'commander';
import { type EnvFileOptions, flagsOf } from './common-options.js';

export interface SigningOptions extends EnvFileOptions {
  readonly signingKey?: string;
}

/** Adds the option that names the key of {@link readSigner}. */
export function addSigningKeyOption(command: Command): Command {
  return command.option(
    '--signing-key <file>',
    'key that signs what is sent (PUSHER_SIGNING_KEY; default: nothing is signed)',
  );
}

/**
 * Returns the signer of records; undefined where no key is named.
 *
 * @throws ConfigurationError that names the file of the key, where it is not valid
 */
export function readSigner(options: SigningOptions): RecordSigner | undefined {
  const flags = { ...flagsOf(options), PUSHER_SIGNING_KEY: options.signingKey };
  return openSigner(readVariables(signingVariables, process.env, { flags }));
}
