import type { Logger, RecordSigner, RecordVerifier } from '@preservarium/backend';
import type { Variables, VariableValues } from '@preservarium/environment';
import {
  createRecordSigner,
  createRecordVerifier,
  type RecordVerifierOptions,
  signingKeyFromFile,
  verificationKeysFromFile,
} from '@preservarium/signing';
import { z } from 'zod';

/** The variable of all programs that write commands. `docs/configuration.md` describes it. */
export const signingVariables = {
  PUSHER_SIGNING_KEY: {
    rule: z.string().min(1).optional(),
    meaning: 'File of the key that signs records, which `pusher signing create` writes.',
    example: '/run/secrets/signing-key.json',
    otherwise: 'nothing is signed',
  },
} as const satisfies Variables;

/**
 * Returns the signer of the variables; undefined where no key is named. It takes a changed file within two seconds.
 *
 * @throws ConfigurationError that names the file, where it is not valid
 */
export function openSigner(
  { PUSHER_SIGNING_KEY: path }: VariableValues<typeof signingVariables>,
  logger?: Logger,
): RecordSigner | undefined {
  return path === undefined ? undefined : createRecordSigner({ key: signingKeyFromFile(path, { logger }) });
}

/** The variables of the programs that change settings; the gateway has a policy of its own. `docs/configuration.md` describes them. */
export const trustVariables = {
  PUSHER_TRUSTED_KEYS: {
    rule: z.string().min(1).optional(),
    meaning:
      'File of the keys that may sign settings, the same as that of the connectors: settings that none of them signed do not count.',
    example: '/etc/pusher/trusted-keys.yaml',
    otherwise: 'all settings count',
  },
  PUSHER_POLICY: {
    rule: z.string().min(1).optional(),
    meaning:
      'File of the policy for `pusher settings`, the same as that of the connectors: settings whose key it does not allow do not count.',
    example: '/etc/pusher/policy.yaml',
    otherwise: 'every trusted key may set everything',
  },
  PUSHER_DEVICES: {
    rule: z.string().min(1).optional(),
    meaning: 'File of device id → type for `pusher settings`, for rules of the policy that name types.',
    example: '/etc/pusher/devices.yaml',
    otherwise: 'no device has a type',
  },
} as const satisfies Variables;

/**
 * Returns the signatures that settings need, for `createSettings`; undefined where no keys are named. It takes a changed file within two
 * seconds.
 *
 * @throws ConfigurationError that names the file, where it is not valid
 */
export function openTrust(
  { PUSHER_TRUSTED_KEYS: path }: Pick<VariableValues<typeof trustVariables>, 'PUSHER_TRUSTED_KEYS'>,
  { policy, logger }: Pick<RecordVerifierOptions, 'policy'> & { readonly logger?: Logger | undefined } = {},
): { readonly verifier: RecordVerifier } | undefined {
  if (path === undefined) return undefined;
  return { verifier: createRecordVerifier({ keys: verificationKeysFromFile(path, { logger }), policy }) };
}
