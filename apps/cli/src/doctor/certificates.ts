import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { readTls, type TlsSource } from '@preservarium/backend';

/** A certificate that ends a connection when it expires. */
export interface Certificate {
  /** The one who shows it, for example `broker kafka-1:9093`. */
  readonly subject: string;
  /** Its common name, or its whole subject. */
  readonly name: string;
  /** In milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Whose it is: that of a server, of its authority, or of this client. */
  readonly role: 'server' | 'authority' | 'client';
}

interface TlsServer {
  readonly subject: string;
  readonly host: string;
  readonly port: number;
}

export interface ReadCertificatesOptions {
  readonly servers: readonly TlsServer[];
  readonly tls: TlsSource;
  readonly timeoutMs: number;
}

/** Returns the certificates that the servers show, expired ones too; of a server that does not answer, none. */
export async function readServerCertificates({
  servers,
  tls,
  timeoutMs,
}: ReadCertificatesOptions): Promise<readonly Certificate[]> {
  const chains = await Promise.all(servers.map((server) => chainOf(server, tls, timeoutMs)));
  return chains.flat();
}

/** Returns the certificates of the own chain. */
export function clientCertificates(subject: string, source: TlsSource): readonly Certificate[] {
  const { cert } = readTls(source);
  const pems = cert?.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return pems.map((pem) => {
    const { subject: name, validTo } = new X509Certificate(pem);
    return { subject, name: name.replaceAll('\n', ', '), expiresAtMs: Date.parse(validTo), role: 'client' };
  });
}

function chainOf(
  { subject, host, port }: TlsServer,
  tls: TlsSource,
  timeoutMs: number,
): Promise<readonly Certificate[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Certificate[]>();
  const socket = connect({
    ...readTls(tls),
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    // An expired certificate is to be read as well; nothing is sent.
    rejectUnauthorized: false,
  });
  const end = (found: readonly Certificate[]) => {
    socket.destroy();
    resolve(found);
  };
  socket.once('secureConnect', () => end(certificatesOf(subject, socket.getPeerCertificate(true))));
  socket.once('error', () => end([]));
  socket.once('close', () => end([]));
  socket.setTimeout(timeoutMs, () => end([]));
  return promise;
}

function certificatesOf(subject: string, leaf: DetailedPeerCertificate): readonly Certificate[] {
  const found: Certificate[] = [];
  const seen = new Set<string>();
  let current: DetailedPeerCertificate | undefined = leaf;
  while (current?.valid_to !== undefined && !seen.has(current.fingerprint256)) {
    seen.add(current.fingerprint256);
    found.push({
      subject,
      name: String(current.subject.CN ?? JSON.stringify(current.subject)),
      expiresAtMs: Date.parse(current.valid_to),
      role: found.length === 0 ? 'server' : 'authority',
    });
    current = current.issuerCertificate;
  }
  return found;
}
