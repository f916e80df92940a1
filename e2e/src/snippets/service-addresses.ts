import { freeTcpPort, freeUdpPort } from '@preservarium/dev-services';

export interface ServiceAddresses {
  /** `host:port` of each broker. */
  readonly kafka: readonly string[];
  readonly mqtt: string;
  readonly postgres: string;
}

const tcpPorts = ['8080', '8081', '8082', '8083', '8090'];
const udpPorts = ['5683'];

/** Returns a function that puts the addresses of the services of the tests, and free ports, in place of those of the documents. */
export async function serviceAddresses({
  kafka,
  mqtt,
  postgres,
}: ServiceAddresses): Promise<(text: string) => string> {
  const ports = new Map<string, number>();
  for (const port of tcpPorts) ports.set(port, await freeTcpPort());
  for (const port of udpPorts) ports.set(port, await freeUdpPort());
  return (text) =>
    text
      .replaceAll("'localhost:9092'", kafka.map((broker) => `'${broker}'`).join(', '))
      .replaceAll('localhost:9092', kafka.join(','))
      .replaceAll('mqtt://localhost:1883', mqtt)
      .replaceAll('postgres://pusher@localhost:5432/pusher', postgres)
      .replaceAll(/(?<!\d)\d{4}(?!\d)/g, (digits) => String(ports.get(digits) ?? digits));
}
