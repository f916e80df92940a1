import { createHash } from 'node:crypto';
import type { TlsOptions, TlsSource } from '@preservarium/backend';

/** The certificate by which a device, or its gateway, knows who connects to it by `https:`. It takes the place of `tls.cert`. */
export interface HttpCertificate extends Required<Pick<TlsOptions, 'cert' | 'key'>> {
  /** Of an encrypted `key`. */
  readonly passphrase?: string;
  /** Where it is from, for messages: `device "lamp-7" in the certificates file certificates.yaml`. Default: `certificateOf`. */
  readonly source?: string;
}

/** Returns the client certificate of a device; undefined for a device without one of its own. */
export type CertificateOfDevice = (deviceId: string) => HttpCertificate | undefined;

/** Returns the origin of a certificate, for messages. */
export function sourceOf({ source = 'certificateOf' }: HttpCertificate): string {
  return source;
}

/** Returns whether the connections of all devices have a client certificate. */
export function hasCertificate(tls: TlsSource): boolean {
  const current = typeof tls === 'function' ? tls() : tls;
  return current !== true && current.cert !== undefined;
}

const fingerprints = new WeakMap<HttpCertificate, string>();

/** Returns one text for all certificates with the same content. */
export function fingerprintOf(certificate: HttpCertificate): string {
  const known = fingerprints.get(certificate);
  if (known !== undefined) return known;
  const { cert, key, passphrase } = certificate;
  const made = createHash('sha256')
    .update(JSON.stringify([cert, key, passphrase]))
    .digest('hex');
  fingerprints.set(certificate, made);
  return made;
}
