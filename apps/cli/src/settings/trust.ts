import { policyFromFile } from '@preservarium/access';
import { deviceTypesFromFile } from '@preservarium/capabilities';
import { openTrust, trustVariables } from '@preservarium/command-line/signing';
import { readVariables } from '@preservarium/environment';
import type { Command } from 'commander';
import { type EnvFileOptions, flagsOf } from '../common-options.js';

export interface TrustOptions extends EnvFileOptions {
  readonly trustedKeys?: string;
  readonly policy?: string;
}

/** Adds the options of {@link readTrust}. */
export function addTrustOptions(command: Command): Command {
  return command
    .option(
      '--trusted-keys <file>',
      'keys that may sign settings (PUSHER_TRUSTED_KEYS; default: all settings count)',
    )
    .option('--policy <file>', 'policy that those keys are held against (PUSHER_POLICY; default: none)');
}

/**
 * Returns the signatures that settings need; undefined where no keys are named.
 *
 * @throws ConfigurationError that names the file, where one is not valid
 */
export function readTrust(options: TrustOptions): ReturnType<typeof openTrust> {
  const flags = {
    ...flagsOf(options),
    PUSHER_TRUSTED_KEYS: options.trustedKeys,
    PUSHER_POLICY: options.policy,
  };
  const trust = readVariables(trustVariables, process.env, { flags });
  const { PUSHER_POLICY: path, PUSHER_DEVICES: devices } = trust;
  const types = devices === undefined ? {} : { typeOf: deviceTypesFromFile(devices) };
  return openTrust(trust, { policy: path === undefined ? undefined : policyFromFile(path, types) });
}
