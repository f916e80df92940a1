import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { AuthenticationError, ConfigurationError } from '@preservarium/core';
import type { TlsOptions, TlsSource } from './tls-options.js';

/** Where each part comes from, for messages: `KAFKA_SSL_KEY_FILE, the file client.key,`. */
export type TlsNames = { readonly [Part in keyof TlsOptions]-?: string };

const optionNames: TlsNames = {
  ca: 'tls.ca',
  cert: 'tls.cert',
  key: 'tls.key',
  passphrase: 'tls.passphrase',
};

/**
 * Returns the certificates and keys for the next connection.
 *
 * @throws as `assertTls`
 */
export function readTls(source: TlsSource, names: TlsNames = optionNames): TlsOptions {
  const tls = typeof source === 'function' ? source() : source === true ? {} : source;
  assertTls(tls, names);
  return tls;
}

/**
 * Makes sure that certificates and keys are what they should be, and belong together. OpenSSL says it late, and in words of its own.
 *
 * @throws ConfigurationError that names the part and what is wrong with it
 * @throws AuthenticationError if the own certificate has expired or is not valid yet
 */
export function assertTls(tls: TlsOptions, names: TlsNames = optionNames): void {
  const { ca, cert, key, passphrase } = tls;
  if (ca !== undefined) for (const pem of blocksOf(ca)) readCertificate(pem, names.ca);
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? [names.key, names.cert] : [names.cert, names.key];
    throw new ConfigurationError(
      `${given} is set and ${missing} is not; a client certificate needs both, as PEM texts`,
    );
  }
  if (cert === undefined || key === undefined) return;
  const [own = cert] = blocksOf(cert);
  const certificate = readCertificate(own, names.cert);
  const privateKey = readKey(key, passphrase, names);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigurationError(
      `${names.key} is not the key of the certificate of ${names.cert}; give the two that were made together`,
    );
  }
  assertPeriod(certificate, names.cert);
}

/** Each certificate of a chain. */
function blocksOf(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g);
  return blocks ?? [pem];
}

function readCertificate(pem: string, name: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigurationError(
      `${name} is no certificate: ${reasonOf(cause)}; it is PEM text, for example -----BEGIN CERTIFICATE-----...`,
      { cause },
    );
  }
}

function readKey(pem: string, passphrase: string | undefined, names: TlsNames): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    if (/ENCRYPTED/.test(pem)) {
      throw new ConfigurationError(
        passphrase === undefined
          ? `${names.key} is encrypted; give its passphrase in ${names.passphrase}`
          : `${names.passphrase} does not decrypt the key of ${names.key}`,
        { cause },
      );
    }
    throw new ConfigurationError(
      `${names.key} is no private key: ${reasonOf(cause)}; it is PEM text, for example -----BEGIN PRIVATE KEY-----...`,
      { cause },
    );
  }
}

function assertPeriod({ validFromDate, validToDate }: X509Certificate, name: string): void {
  const now = Date.now();
  if (now > validToDate.getTime()) {
    throw new AuthenticationError(
      `the certificate of ${name} expired on ${validToDate.toISOString()}; renew it, it is read again at the next connection`,
    );
  }
  if (now < validFromDate.getTime()) {
    throw new AuthenticationError(
      `the certificate of ${name} is not valid before ${validFromDate.toISOString()}; check the clock of this machine, or the certificate`,
    );
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
