import { once } from 'node:events';
import { createServer } from 'node:net';
import { startMosquitto } from '@preservarium/dev-services';
import { Aedes } from 'aedes';

export type BrokerName = 'mosquitto' | 'aedes';

export interface RunningBroker extends AsyncDisposable {
  readonly url: string;
}

/** Starts a broker on a free port. Aedes speaks MQTT 3.1.1 alone. */
export function startBroker(name: BrokerName): Promise<RunningBroker> {
  return name === 'aedes' ? startAedes() : startOwnMosquitto();
}

async function startOwnMosquitto(): Promise<RunningBroker> {
  const mosquitto = await startMosquitto();
  return { url: mosquitto.url, [Symbol.asyncDispose]: () => mosquitto.stop() };
}

async function startAedes(): Promise<RunningBroker> {
  const broker = await Aedes.createBroker();
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
