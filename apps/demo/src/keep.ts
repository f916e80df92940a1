import { once } from 'node:events';
import { deviceIds } from './devices.js';
import { topics } from './topics.js';

export interface Playground {
  readonly brokers: readonly string[];
  readonly mqttPort: number;
}

/** What to try while the demo stays up. */
export function renderInstructions({ brokers, mqttPort }: Playground): string {
  const kafka = `--brokers ${brokers.join(',')} --command-topic ${topics.commands}`;
  const push = `npm run -s pusher -- push ${kafka}`;
  return `
The demo stays up, with Kafka at ${brokers.join(',')} and an MQTT broker at 127.0.0.1:${mqttPort}. In another terminal, for example:

  ${push} --device ${deviceIds.mqtt} --type set_led --protocol mqtt --payload '{"state":"off"}'
  ${push} --device ${deviceIds.coap} --type config --protocol coap --path /c --payload '{"interval":30}'
  ${push} --device ${deviceIds.coapPolling} --type set_flow --protocol coap --payload '{"litres":3}'
  ${push} --device ${deviceIds.http} --type lock --protocol http --path /lock --payload '{"locked":false}'
  npm run -s pusher -- consume ${kafka} --from-beginning
  npm run -s device-simulator -- --mqtt 2 --mqtt-version 3.1.1 --broker mqtt://127.0.0.1:${mqttPort}
  mosquitto_sub -V 311 -h 127.0.0.1 -p ${mqttPort} -v -t 'devices/#'

Lifecycle events are shown here as they come. Ctrl-C ends the demo.

`;
}

/** Resolves at Ctrl-C or SIGTERM. A second one ends the process at once. */
export async function untilInterrupted(): Promise<void> {
  const stayAlive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(stayAlive);
}
