import type { KafkaOptions, OauthBearerToken, SaslOptions, TlsOptions } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { clientCredentialsToken } from './client-credentials.js';
import type { kafkaVariables } from './kafka-variables.js';
import { mskIamToken } from './msk-iam.js';
import type { VariableValues } from './variable.js';

type KafkaValues = VariableValues<typeof kafkaVariables>;

/** Inputs that are read again for each connection, or come from code. */
export interface SecurityInput {
  readonly token: (() => Promise<OauthBearerToken>) | undefined;
  readonly certificates: TlsOptions | (() => TlsOptions) | undefined;
  readonly password: string | (() => string) | undefined;
}

/**
 * Returns the options of TLS and authentication that the variables give together.
 *
 * @throws ConfigurationError where they contradict one another or something is missing
 */
export function securityOptions(
  values: KafkaValues,
  { token, certificates, password }: SecurityInput,
): Pick<KafkaOptions, 'tls' | 'sasl'> {
  const tls = tlsOptions(values, certificates);
  const sasl = saslOptions(values, token, password);
  const protocol = values.KAFKA_SECURITY_PROTOCOL;
  if (protocol !== undefined) assertProtocol(protocol, tls !== undefined, sasl !== undefined);
  return { ...(tls !== undefined && { tls }), ...(sasl !== undefined && { sasl }) };
}

function tlsOptions(values: KafkaValues, certificates: SecurityInput['certificates']): KafkaOptions['tls'] {
  const { KAFKA_SSL: ssl, KAFKA_SECURITY_PROTOCOL: protocol } = values;
  if (ssl === 'false' && certificates !== undefined) {
    throw new ConfigurationError(
      'KAFKA_SSL is "false", but certificates are set; remove one of them, or set KAFKA_SSL=true',
    );
  }
  const byProtocol = protocol === 'SSL' || protocol === 'SASL_SSL';
  return certificates ?? (ssl === 'true' || (byProtocol && ssl !== 'false') ? true : undefined);
}

function saslOptions(
  values: KafkaValues,
  token: SecurityInput['token'],
  password: SecurityInput['password'],
): SaslOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = values;
  if (mechanism === undefined) {
    if (username === undefined && password === undefined) return undefined;
    throw new ConfigurationError(
      'KAFKA_SASL_MECHANISM is not set, but a user or password is; for example KAFKA_SASL_MECHANISM=SCRAM-SHA-512',
    );
  }
  if (mechanism === 'OAUTHBEARER') {
    return { mechanism: 'oauthbearer', token: token ?? tokenFromEndpoint(values) };
  }
  if (mechanism === 'AWS_MSK_IAM') {
    return { mechanism: 'oauthbearer', token: mskIamToken(regionOf(values)) };
  }
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'KAFKA_SASL_USERNAME' : 'KAFKA_SASL_PASSWORD';
    throw new ConfigurationError(
      `${missing} is not set, but KAFKA_SASL_MECHANISM=${mechanism} needs it; for example KAFKA_SASL_USERNAME=pusher KAFKA_SASL_PASSWORD_FILE=/run/secrets/kafka-password`,
    );
  }
  return { mechanism: lowerCased[mechanism], username, password };
}

function tokenFromEndpoint(values: KafkaValues): () => Promise<OauthBearerToken> {
  const {
    KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: endpointUrl,
    KAFKA_SASL_OAUTHBEARER_CLIENT_ID: clientId,
    KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: clientSecret,
    KAFKA_SASL_OAUTHBEARER_SCOPE: scope,
  } = values;
  if (endpointUrl === undefined) {
    throw new ConfigurationError(
      'KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is not set, but KAFKA_SASL_MECHANISM=OAUTHBEARER needs it, or a function that gets tokens: ' +
        'readKafkaOptions(process.env, { token }); for example KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL=https://login.example/oauth2/token',
    );
  }
  if (clientId === undefined || clientSecret === undefined) {
    const missing = `KAFKA_SASL_OAUTHBEARER_CLIENT_${clientId === undefined ? 'ID' : 'SECRET'}`;
    throw new ConfigurationError(
      `${missing} is not set, but KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL needs it; for example KAFKA_SASL_OAUTHBEARER_CLIENT_ID=pusher KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE=/run/secrets/kafka-client-secret`,
    );
  }
  return clientCredentialsToken({ endpointUrl, clientId, clientSecret, scope });
}

function regionOf({ KAFKA_SASL_AWS_REGION: ofCluster, AWS_REGION: ofProcess }: KafkaValues): string {
  const region = ofCluster ?? ofProcess;
  if (region !== undefined) return region;
  throw new ConfigurationError(
    'KAFKA_SASL_AWS_REGION is not set, and neither is AWS_REGION, but KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs one of them; for example KAFKA_SASL_AWS_REGION=eu-central-1',
  );
}

const lowerCased = {
  PLAIN: 'plain',
  'SCRAM-SHA-256': 'scram-sha-256',
  'SCRAM-SHA-512': 'scram-sha-512',
} as const;

function assertProtocol(protocol: string, hasTls: boolean, hasSasl: boolean): void {
  const meant = `${hasSasl ? 'SASL_' : ''}${hasTls ? 'SSL' : 'PLAINTEXT'}`;
  if (protocol === meant) return;
  throw new ConfigurationError(
    `KAFKA_SECURITY_PROTOCOL is "${protocol}", but the KAFKA_SSL* and KAFKA_SASL* variables make it ${meant}; change one of them, for example KAFKA_SECURITY_PROTOCOL=${meant}`,
  );
}
