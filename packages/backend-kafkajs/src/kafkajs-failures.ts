// Properties of kafkajs' errors; each error has only some of them.

/** An error of kafkajs or of Node's sockets. */
export interface ClientError extends Error {
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  readonly errors?: readonly unknown[];
}

/** Returns the error and its causes, the innermost first: kafkajs wraps errors, also several times. */
export function withCauses(error: unknown): ClientError[] {
  const found = new Set<ClientError>();
  const visit = (value: unknown): void => {
    if (!(value instanceof Error) || found.has(value)) return;
    const clientError: ClientError = value;
    found.add(clientError);
    visit(clientError.cause);
    for (const inner of clientError.errors ?? []) visit(inner);
  };
  visit(error);
  return [...found].reverse();
}

/** Returns whether the brokers rejected a batch for its size or the size of a record in it. Nothing of it is written then. */
export function isRefusedForSize(cause: unknown): boolean {
  return withCauses(cause).some(({ type = '' }) => isTooLarge(type));
}

export function isTooLarge(type: string): boolean {
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

/** Returns whether the brokers refused the request itself: a first attempt that ends so has written nothing. */
export function isDefiniteRefusal(cause: unknown): boolean {
  return withCauses(cause).some(
    ({ type = '' }) => type.endsWith('_AUTHORIZATION_FAILED') || type === 'INVALID_TOPIC_EXCEPTION',
  );
}

export function isAuthenticationFailure(error: ClientError): boolean {
  return (
    error.name === 'KafkaJSSASLAuthenticationError' ||
    error.type === 'SASL_AUTHENTICATION_FAILED' ||
    error.type === 'UNSUPPORTED_SASL_MECHANISM' ||
    isCertificateFailure(error)
  );
}

/** Returns whether one side of a TLS connection does not accept the other's certificate. */
export function isCertificateFailure(error: Error): boolean {
  const { code } = error as ClientError;
  return (
    typeof code === 'string' &&
    /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT_|ERR_SSL_[\w/]*(ALERT|CERTIFICATE))/.test(
      code,
    )
  );
}
