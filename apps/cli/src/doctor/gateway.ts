import http from 'node:http';
import https from 'node:https';
import { type Certificate, readServerCertificates } from './certificates.js';

/** The facts that were read of a gateway. */
export interface Gateway {
  readonly url: URL;
  /** The status of a request without an API key or token; undefined where it does not answer. */
  readonly status: number | undefined;
  readonly certificates: readonly Certificate[];
}

/** Asks a gateway for its device types, without a key. Never rejects for what the gateway does. */
export async function readGateway(url: URL, timeoutMs: number): Promise<Gateway> {
  const subject = `gateway ${url.host}`;
  const [status, certificates] = await Promise.all([
    statusOf(new URL('/v1/device-types', url), timeoutMs),
    url.protocol === 'https:'
      ? readServerCertificates({
          servers: [{ subject, host: url.hostname, port: Number(url.port || 443) }],
          tls: true,
          timeoutMs,
        })
      : [],
  ]);
  return { url, status, certificates };
}

function statusOf(url: URL, timeoutMs: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const { get } = url.protocol === 'https:' ? https : http;
  // An expired certificate has a finding of its own; nothing secret is sent.
  const request = get(url, { rejectUnauthorized: false, timeout: timeoutMs, agent: false }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
    request.destroy();
  });
  request.on('timeout', () => request.destroy());
  request.on('error', () => resolve(undefined));
  request.on('close', () => resolve(undefined));
  return promise;
}
