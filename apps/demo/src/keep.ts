import { once } from 'node:events';
import { deviceIds } from './devices.js';
import { topics } from './topics.js';

export interface Playground {
  readonly brokers: readonly string[];
  readonly mqttPort: number;
  readonly consoleUrl: string;
}

/** Returns commands to try while the demo keeps running. */
export function renderInstructions({ brokers, mqttPort, consoleUrl }: Playground): string {
  const push = 'npm run -s pusher -- push --device';
  return `
The demo keeps running. Try in another terminal:

  export KAFKA_BOOTSTRAP_SERVERS=${brokers.join(',')} DEVICE_COMMAND_TOPIC=${topics.commands}
  export DEVICE_EVENT_TOPIC=${topics.events} DEVICE_WAITING_TOPIC=${topics.waiting} DEVICE_DEAD_LETTER_TOPIC=${topics.deadLetters}
  export DEVICE_SETTINGS_TOPIC=${topics.settings} DEVICE_REPORTED_SETTINGS_TOPIC=${topics.reportedSettings}

  ${push} ${deviceIds.mqtt} --type set_led --protocol mqtt --payload '{"state":"off"}'
  ${push} ${deviceIds.coap} --type config --protocol coap --path /c --payload '{"interval":30}'
  ${push} ${deviceIds.coapPolling} --type set_flow --protocol coap --payload '{"litres":3}'
  ${push} ${deviceIds.http} --type lock --protocol http --path /lock --payload '{"locked":false}'
  npm run -s pusher -- settings set ${deviceIds.httpSettings} '{"target":18}' --protocol http
  npm run -s pusher -- settings get ${deviceIds.httpSettings}
  npm run -s pusher -- list --device ${deviceIds.mqtt}
  npm run -s pusher -- consume --from-beginning
  npm run -s pusher -- dead list
  npm run -s device-simulator -- --mqtt 2 --mqtt-version 3.1.1 --broker mqtt://127.0.0.1:${mqttPort}
  mosquitto_sub -V 311 -h 127.0.0.1 -p ${mqttPort} -v -t 'devices/#'

The demo prints lifecycle events here as they arrive. Ctrl-C ends it.

The console with all commands and devices: ${consoleUrl}

`;
}

/** Resolves at Ctrl-C or SIGTERM. A second one ends the process at once. */
export async function untilInterrupted(): Promise<void> {
  const stayAlive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(stayAlive);
}
