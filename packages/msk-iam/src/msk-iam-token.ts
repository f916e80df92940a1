import type { OauthBearerToken } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { AuthenticationError, BackendUnavailableError, ConfigurationError } from '@preservarium/core';
import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js';

/** The AWS SDK asks several places for credentials, the slowest of which are services on the network. */
const timeoutMs = 20_000;
const regionName = /^[a-z]+(-[a-z]+)+-\d+$/;

export interface MskIamOptions {
  /** AWS region of the cluster, for example `eu-central-1`. */
  readonly region: string;
}

/**
 * Returns a token function for Amazon MSK with IAM authentication, for `sasl: { mechanism: 'oauthbearer', token }` of any backend. It takes the
 * credentials from where the AWS SDK finds them: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, a profile, the role of a container or of a
 * machine. A token is valid for 15 minutes.
 *
 * The function rejects with `AUTHENTICATION_FAILED` if there are no credentials, and with `BACKEND_UNAVAILABLE` if the SDK does not find any within 20 s.
 *
 * @throws ConfigurationError if the region is not the name of one
 */
export function createMskIamToken({ region }: MskIamOptions): () => Promise<OauthBearerToken> {
  if (!regionName.test(region)) {
    throw new ConfigurationError(
      `region is "${region}", which is not the name of an AWS region; for example eu-central-1`,
    );
  }
  return async () => {
    const { token, expiryTime } = await withDeadline(sign(region), {
      doing: 'sign a token for MSK',
      timeoutMs,
      timedOut: () =>
        new BackendUnavailableError(
          `the AWS SDK found no credentials within ${timeoutMs} ms: check the network of the machine, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
        ),
    });
    return { value: token, expiresAtMs: expiryTime, principal: 'AWS_MSK_IAM' };
  };
}

async function sign(region: string) {
  try {
    return await generateAuthToken({ region });
  } catch (cause) {
    throw new AuthenticationError(
      `no token for MSK, because AWS gave no credentials: ${cause instanceof Error ? cause.message : cause}; ` +
        'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of the container or machine',
      { cause },
    );
  }
}
