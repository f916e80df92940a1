import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

export interface Ipv6Address extends AsyncDisposable {
  /** `[::1]:port`. */
  readonly broker: string;
}

/** Gives a broker, `host:port`, an address of IPv6 on this machine: what connects there is forwarded. */
export async function serveOnIpv6(broker: string): Promise<Ipv6Address> {
  const { hostname, port } = new URL(`tcp://${broker}`);
  const server = createServer((client) => {
    const forwarded = connect(Number(port), hostname);
    pipeline(client, forwarded, client, () => {});
  });
  server.listen(0, '::1');
  await once(server, 'listening');
  return {
    broker: `[::1]:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
