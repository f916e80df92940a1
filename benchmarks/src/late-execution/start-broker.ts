import { startAedes, startMosquitto } from '@preservarium/dev-services';

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
