import { AuthenticationError, ConfigurationError, type PusherError } from '@preservarium/core';

/** Answers of the broker to CONNECT: of 3.1.1 (section 3.2.2.3) below 6, of 5.0 (section 3.2.2.2) from 128. */
const refusedVersions = [1, 132];
const refusedClientIds = [2, 133];
const refusedCredentials = [4, 5, 134, 135, 138, 140];

/** Why trying again cannot help, where that is so; the broker may come to be there, so its absence is no such reason. */
export function toPusherError(cause: Error, url: string): PusherError | undefined {
  const message = `cannot connect to ${url}: ${cause.message}`;
  const code = 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string') {
    if (!isCertificateFailure(code)) return undefined;
    return new AuthenticationError(
      `tls: ${message}; give the authority that signed the certificate of the broker, and a client certificate if the broker wants one`,
      { cause },
    );
  }
  if (typeof code !== 'number') return undefined;
  if (refusedCredentials.includes(code)) return new AuthenticationError(message, { cause });
  if (refusedVersions.includes(code)) {
    return new ConfigurationError(`${message}; set protocolVersion to what it speaks, for example 4`, {
      cause,
    });
  }
  if (refusedClientIds.includes(code)) {
    return new ConfigurationError(`${message}; set another clientId, for example "connector-1"`, { cause });
  }
  return undefined;
}

/** Returns true if one side of TLS does not accept the other's certificate. */
function isCertificateFailure(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT_|ERR_SSL_[\w/]*(ALERT|CERTIFICATE))/.test(
    code,
  );
}
