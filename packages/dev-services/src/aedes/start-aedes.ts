import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes, type AedesOptions } from 'aedes';

/** aedes on a free port: a broker for MQTT 3.1.1 alone. */
export async function startAedes(
  options: AedesOptions = {},
): Promise<AsyncDisposable & { readonly url: string }> {
  const broker = await Aedes.createBroker(options);
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}
