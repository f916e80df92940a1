import { expect, test } from 'vitest';
import { toPusherError } from './mqtt-connect-error.js';

const failureWith = (code: string | number) => Object.assign(new Error('it failed'), { code });

test.each([
  // Of a broker that wants a client certificate, with TLS 1.2 and 1.3.
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'AUTHENTICATION_FAILED'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'AUTHENTICATION_FAILED'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'AUTHENTICATION_FAILED'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'AUTHENTICATION_FAILED'],
  ['ECONNREFUSED', undefined],
  ['ERR_SSL_WRONG_VERSION_NUMBER', undefined],
  [4, 'AUTHENTICATION_FAILED'],
  [1, 'CONFIGURATION_INVALID'],
  [3, undefined],
])('%s is %s', (code, expected) => {
  expect(toPusherError(failureWith(code), 'mqtts://broker.example')?.code).toBe(expected);
});
