import type { Logger, RecordSigner } from '@preservarium/backend';
import type { Variables, VariableValues } from '@preservarium/environment';
import { createRecordSigner, signingKeyFromFile } from '@preservarium/signing';
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
