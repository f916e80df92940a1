import { createRequire } from 'node:module';
import type { OauthBearerToken } from '@preservarium/backend';
import { ClientNotInstalledError } from '@preservarium/core';
import type * as MskIam from '@preservarium/msk-iam';

/**
 * Returns the token function of `@preservarium/msk-iam`, which is installed beside this package because it brings the AWS SDK.
 *
 * @throws `CLIENT_NOT_INSTALLED` with the command that mends it; ConfigurationError if the region is not the name of one
 */
export function mskIamToken(
  region: string,
  require: (name: string) => typeof MskIam = createRequire(import.meta.url),
): () => Promise<OauthBearerToken> {
  return load(require).createMskIamToken({ region });
}

function load(require: (name: string) => typeof MskIam): typeof MskIam {
  try {
    return require('@preservarium/msk-iam');
  } catch (cause) {
    throw new ClientNotInstalledError(
      'KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs @preservarium/msk-iam: run `npm install @preservarium/msk-iam` where the program is installed, or with -g if it is global',
      { cause },
    );
  }
}
