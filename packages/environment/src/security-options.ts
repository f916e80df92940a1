import type { KafkaOptions, OauthBearerToken, SaslOptions } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import type { kafkaVariables } from './kafka-variables.js';
import type { VariableValues } from './variable.js';

type KafkaValues = VariableValues<typeof kafkaVariables>;

/**
 * Returns the options of TLS and authentication that the variables give together.
 *
 * @throws ConfigurationError where they contradict one another or something is missing
 */
export function securityOptions(
  values: KafkaValues,
  token: (() => Promise<OauthBearerToken>) | undefined,
): Pick<KafkaOptions, 'tls' | 'sasl'> {
  const tls = tlsOptions(values);
  const sasl = saslOptions(values, token);
  const protocol = values.KAFKA_SECURITY_PROTOCOL;
  if (protocol !== undefined) assertProtocol(protocol, tls !== undefined, sasl !== undefined);
  return { ...(tls !== undefined && { tls }), ...(sasl !== undefined && { sasl }) };
}

function tlsOptions(values: KafkaValues): KafkaOptions['tls'] {
  const { KAFKA_SSL: ssl, KAFKA_SSL_CA: ca, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key } = values;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    throw new ConfigurationError(
      `KAFKA_SSL_${given} is set and KAFKA_SSL_${missing} is not; a client certificate needs both, for example KAFKA_SSL_CERT_FILE=client.pem KAFKA_SSL_KEY_FILE=client.key`,
    );
  }
  const named = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
  const anyNamed = Object.keys(named).length > 0;
  if (ssl === 'false' && anyNamed) {
    throw new ConfigurationError(
      'KAFKA_SSL is "false", but certificates are set; remove one of them, or set KAFKA_SSL=true',
    );
  }
  if (anyNamed) return named;
  const byProtocol =
    values.KAFKA_SECURITY_PROTOCOL === 'SSL' || values.KAFKA_SECURITY_PROTOCOL === 'SASL_SSL';
  return ssl === 'true' || (byProtocol && ssl !== 'false') ? true : undefined;
}

function saslOptions(
  values: KafkaValues,
  token: (() => Promise<OauthBearerToken>) | undefined,
): SaslOptions | undefined {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = values;
  if (mechanism === undefined) {
    if (username === undefined && password === undefined) return undefined;
    throw new ConfigurationError(
      'KAFKA_SASL_MECHANISM is not set, but a user or password is; for example KAFKA_SASL_MECHANISM=SCRAM-SHA-512',
    );
  }
  if (mechanism === 'OAUTHBEARER') {
    if (token !== undefined) return { mechanism: 'oauthbearer', token };
    throw new ConfigurationError(
      'KAFKA_SASL_MECHANISM is "OAUTHBEARER", which needs a function that gets tokens: readKafkaOptions(process.env, { token }); without code, use for example KAFKA_SASL_MECHANISM=SCRAM-SHA-512',
    );
  }
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'KAFKA_SASL_USERNAME' : 'KAFKA_SASL_PASSWORD';
    throw new ConfigurationError(
      `${missing} is not set, but KAFKA_SASL_MECHANISM=${mechanism} needs it; for example KAFKA_SASL_USERNAME=pusher KAFKA_SASL_PASSWORD_FILE=/run/secrets/kafka-password`,
    );
  }
  return { mechanism: lowerCased[mechanism], username, password };
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
