import type { TlsSource } from '@preservarium/backend';
import { type Dispatcher, Pool } from 'undici';
import { fingerprintOf, type HttpCertificate } from './http-certificate.js';
import { createConnector } from './http-connector.js';
import { lookBeforeSending } from './http-last-look.js';
import { skipInterim } from './http-skip-interim.js';

export interface HttpPools {
  /** The connections to an origin, such as `https://gateway.example`, by the client certificate of a device, or by that of the connector. */
  of(origin: string, certificate?: HttpCertificate): Dispatcher;
  /** Ends every request in flight. */
  destroy(): Promise<void>;
}

/** Keeps connections to the origins used last; those of others are closed once their requests have ended. */
export function createPools(settings: {
  readonly connectionsPerOrigin: number;
  readonly maxOrigins: number;
  readonly timeoutMs: number;
  readonly tls: TlsSource;
}): HttpPools {
  /** In the order of their last use. */
  const pools = new Map<string, Dispatcher>();
  const ownConnect = createConnector(settings);
  const closing = new Set<Promise<void>>();

  function open(origin: string, certificate: HttpCertificate | undefined): Dispatcher {
    const connect = certificate ? createConnector({ ...settings, certificate }) : ownConnect;
    return new Pool(origin, {
      connections: settings.connectionsPerOrigin,
      connect(options, callback) {
        try {
          connect()(options, (error, socket) => {
            if (error === null) callback(null, skipInterim(socket));
            else callback(error, null);
          });
        } catch (error) {
          callback(error as Error, null);
        }
      },
      // A delivery has one deadline for everything.
      headersTimeout: 0,
      bodyTimeout: 0,
    }).compose(lookBeforeSending);
  }

  function closeOldest(): void {
    const [oldest] = pools;
    if (oldest === undefined) return;
    const [key, pool] = oldest;
    pools.delete(key);
    const closed = pool.close();
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  return {
    of(origin, certificate) {
      const key = certificate ? `${origin} ${fingerprintOf(certificate)}` : origin;
      const pool = pools.get(key) ?? open(origin, certificate);
      pools.delete(key);
      pools.set(key, pool);
      if (pools.size > settings.maxOrigins) closeOldest();
      return pool;
    },
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      await Promise.all(closing);
    },
  };
}
