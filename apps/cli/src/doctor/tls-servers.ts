import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';
import type { EnvironmentOptions } from '@preservarium/environment';
import { type Certificate, clientCertificates, readServerCertificates } from './certificates.js';

/** Reads the certificates of the Kafka brokers that the options name, and that of this client; none without TLS. */
export async function readKafkaCertificates(
  { brokers, tls }: Pick<EnvironmentOptions, 'brokers' | 'tls'>,
  timeoutMs: number,
): Promise<readonly Certificate[]> {
  if (tls === undefined || tls === false) return [];
  const servers = brokers.map((address) => {
    const { hostname, port } = new URL(`tls://${address}`);
    return { subject: `broker ${address}`, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
  });
  return [
    ...clientCertificates('client of Kafka', tls),
    ...(await readServerCertificates({ servers, tls, timeoutMs })),
  ];
}

/** Reads the certificates of the MQTT broker, and that of this client; none without TLS. */
export async function readMqttCertificates(
  { url: address, tls = true }: MqttDelivererOptions,
  timeoutMs: number,
): Promise<readonly Certificate[]> {
  const { protocol, hostname, port, host } = new URL(address);
  if (protocol !== 'mqtts:' && protocol !== 'wss:') return [];
  const server = {
    subject: `broker ${host}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'wss:' ? 443 : 8883)),
  };
  return [
    ...clientCertificates('client of MQTT', tls),
    ...(await readServerCertificates({ servers: [server], tls, timeoutMs })),
  ];
}
