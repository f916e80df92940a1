import { readTls, type TlsNames, type TlsSource } from '@preservarium/backend';
import { buildConnector } from 'undici';
import { type HttpCertificate, sourceOf } from './http-certificate.js';

/**
 * Returns a function that gives the connector of undici with the current certificates. A new one has no TLS sessions: they would go on with the old
 * certificates, or with those of another device.
 *
 * @param settings.certificate the client certificate, in place of that of `tls`
 * @returns throws as `readTls`
 */
export function createConnector({
  tls,
  timeoutMs,
  certificate,
}: {
  readonly tls: TlsSource;
  readonly timeoutMs: number;
  readonly certificate?: HttpCertificate;
}): () => buildConnector.connector {
  let certificates = '';
  let connector: buildConnector.connector | undefined;

  return () => {
    const current = certificate === undefined ? readTls(tls) : withCertificate(tls, certificate);
    const found = JSON.stringify(current);
    if (connector === undefined || found !== certificates) {
      connector = buildConnector({ ...current, timeout: timeoutMs });
      certificates = found;
    }
    return connector;
  };
}

function withCertificate(tls: TlsSource, certificate: HttpCertificate) {
  const { ca } = readTls(tls);
  const { cert, key, passphrase } = certificate;
  const source = sourceOf(certificate);
  const names: TlsNames = {
    ca: 'tls.ca',
    cert: source,
    key: `the key of ${source}`,
    passphrase: `the passphrase of ${source}`,
  };
  const own = { cert, key, ...(passphrase !== undefined && { passphrase }) };
  return { ...(ca !== undefined && { ca }), ...readTls(own, names) };
}
