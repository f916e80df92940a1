import { readTls, type TlsSource } from '@preservarium/backend';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { lookBeforeSending } from './http-last-look.js';
import { skipInterim } from './http-skip-interim.js';

export interface HttpPools {
  /** The connections to an origin, such as `https://gateway.example`. */
  of(origin: string): Dispatcher;
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
  let certificates = '';
  let connector: buildConnector.connector | undefined;
  const closing = new Set<Promise<void>>();

  /** A new connector has no TLS sessions: they would go on with the old certificates. */
  function currentConnector(): buildConnector.connector {
    const tls = readTls(settings.tls);
    const found = JSON.stringify(tls);
    if (connector === undefined || found !== certificates) {
      connector = buildConnector({ ...tls, timeout: settings.timeoutMs });
      certificates = found;
    }
    return connector;
  }

  function open(origin: string): Dispatcher {
    return new Pool(origin, {
      connections: settings.connectionsPerOrigin,
      connect(options, callback) {
        try {
          currentConnector()(options, (error, socket) => {
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
    const [origin, pool] = oldest;
    pools.delete(origin);
    const closed = pool.close();
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  return {
    of(origin) {
      const pool = pools.get(origin) ?? open(origin);
      pools.delete(origin);
      pools.set(origin, pool);
      if (pools.size > settings.maxOrigins) closeOldest();
      return pool;
    },
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      await Promise.all(closing);
    },
  };
}
