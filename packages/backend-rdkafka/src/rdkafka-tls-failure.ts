import { connect } from 'node:tls';
import { type KafkaOptions, readTls } from '@preservarium/backend';
import { AuthenticationError } from '@preservarium/core';

const attemptMs = 5_000;
const endOfAddress = /^\[?(.*?)\]?:(\d+)$/;

/**
 * Resolves with the reason for which TLS with a broker fails: librdkafka says `ssl error` of a wrong host, a wrong authority and an expired certificate
 * alike. Resolves with `undefined` if Node connects to all of them, or cannot reach them.
 */
export async function findTlsFailure({
  brokers,
  tls,
}: KafkaOptions): Promise<AuthenticationError | undefined> {
  if (!tls) return undefined;
  const options = readTls(tls);
  const attempts = await Promise.all(brokers.map((broker) => attempt(broker, options)));
  return attempts.find((failure) => failure !== undefined);
}

function attempt(broker: string, options: object): Promise<AuthenticationError | undefined> {
  const [, host = '', port] = endOfAddress.exec(broker) ?? [];
  const socket = connect({
    ...options,
    host,
    servername: /^[\d.:]+$/.test(host) ? '' : host,
    port: Number(port),
  });
  return new Promise((resolve) => {
    const end = (failure?: AuthenticationError) => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(attemptMs, () => end());
    socket.once('secureConnect', () => end());
    socket.once('error', (cause) => {
      const isAboutTls = 'code' in cause && !/^(E[A-Z]+)$/.test(String(cause.code));
      end(
        isAboutTls
          ? new AuthenticationError(`cannot connect to ${broker}: ${cause.message}`, { cause })
          : undefined,
      );
    });
  });
}
