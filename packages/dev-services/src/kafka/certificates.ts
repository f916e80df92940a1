import { generate } from 'selfsigned';

/** PEM texts. */
export interface ServerCertificate {
  /** The certificate of the authority that signed `cert`: what clients must trust. */
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

/** A new certificate authority, and by it a certificate for servers on this machine, which is good for a year unless `validUntil` is given. */
export async function makeServerCertificate({
  validUntil,
}: {
  readonly validUntil?: Date | undefined;
} = {}): Promise<ServerCertificate> {
  const authority = await generate([{ name: 'commonName', value: 'Development broker authority' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    ...(validUntil && periodUntil(validUntil)),
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { authority: authority.cert, cert: server.cert, key: server.private };
}

/** A client's certificate that it signed itself. */
export async function makeClientCertificate({
  validUntil,
}: {
  readonly validUntil: Date;
}): Promise<Pick<ServerCertificate, 'cert' | 'key'>> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'client' }], {
    algorithm: 'sha256',
    ...periodUntil(validUntil),
  });
  return { cert, key };
}

function periodUntil(end: Date) {
  const lastStartMs = Math.min(Date.now(), end.getTime());
  return { notBeforeDate: new Date(lastStartMs - 24 * 3_600_000), notAfterDate: end };
}
