import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiKey } from '@preservarium/access';
import {
  createTestTopic,
  freeTcpPort,
  freeUdpPort,
  type Mosquitto,
  startKafka,
  startMosquitto,
} from '@preservarium/dev-services';
import kafkajs, { type Producer } from 'kafkajs';
import { type CoapDevices, startCoapDevices } from './coap-devices.js';
import { type HttpDevices, startHttpDevices } from './http-devices.js';
import { type Program, startProgram } from './program.js';

/** Few, so that the neighbour's commands come behind what was written before them. */
const partitions = 2;

interface Topics {
  readonly commands: string;
  readonly waiting: string;
  readonly settings: string;
  readonly reported: string;
  readonly events: string;
  readonly deadLetters: string;
}

/** A Kafka, a mosquitto, devices, and the programs that are tried. */
export interface Scene extends AsyncDisposable {
  /** For the logs of the programs. */
  readonly folder: string;
  readonly brokers: readonly string[];
  readonly topics: Topics;
  readonly producer: Producer;
  readonly mosquitto: Mosquitto;
  readonly httpDevices: HttpDevices;
  readonly coapDevices: CoapDevices;
  readonly reportUrl: string;
  readonly coapPort: number;
  readonly connectors: { readonly mqtt: Program; readonly http: Program; readonly coap: Program };
  readonly readers: {
    readonly watch: Program;
    readonly store: Program;
    readonly settings: Program;
    readonly consume: Program;
  };
  /** The store that the reader of that name fills. */
  readonly storeUrl: string;
  readonly gateway: Program;
  readonly gatewayUrl: string;
  /** An API key that may do everything. */
  readonly gatewayKey: string;
  groupOf(protocol: string): string;
}

const application = (name: string) => new URL(`../../apps/${name}/dist/main.js`, import.meta.url);

export async function createScene(folder: string): Promise<Scene> {
  await using resources = new AsyncDisposableStack();
  const cluster = resources.use(await startKafka({ isolated: true }));
  const mosquitto = resources.use(await startMosquitto({ configuration: ['max_queued_messages 0'] }));
  const { brokers } = cluster.settings;
  const commands = await createTestTopic(cluster.settings, { partitions });
  const topics: Topics = {
    commands,
    waiting: `${commands}-waiting`,
    settings: `${commands}-settings`,
    reported: `${commands}-reported`,
    events: `${commands}-events`,
    deadLetters: `${commands}-dead`,
  };
  const producer = new kafkajs.Kafka({
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  }).producer();
  await producer.connect();
  resources.defer(() => producer.disconnect());
  const httpDevices = resources.use(await startHttpDevices());
  const coapDevices = resources.use(await startCoapDevices());
  const reportPort = await freeTcpPort();
  const coapPort = await freeUdpPort();

  const kafkaArguments = ['--brokers', brokers.join(','), '--command-topic', commands];
  const topicArguments = [
    ...['--waiting-topic', topics.waiting, '--dead-letter-topic', topics.deadLetters],
    ...['--settings-topic', topics.settings, '--reported-settings-topic', topics.reported],
    ...['--event-topic', topics.events],
  ];
  const groupOf = (protocol: string) => `${commands}-${protocol}`;
  function connector(protocol: string, args: readonly string[]): Program {
    return startProgram({
      name: `${protocol}-connector`,
      file: application(`${protocol}-connector`),
      logFile: join(folder, `${protocol}-connector.log`),
      args: [
        ...[...kafkaArguments, ...topicArguments],
        ...['--group-id', groupOf(protocol), '--from', 'beginning'],
        ...['--health-port', '0', '--delivery-timeout-ms', '2000', ...args],
      ],
    });
  }
  const reader = (name: string, args: readonly string[]): Program =>
    startProgram({
      name: `pusher ${name}`,
      file: application('cli'),
      logFile: join(folder, `pusher-${name.replace(' ', '-')}.log`),
      isReader: true,
      args: [...name.split(' '), ...kafkaArguments, ...args],
    });

  const connectors = {
    mqtt: connector('mqtt', ['--mqtt-url', mosquitto.url, '--mqtt-client-id', randomUUID()]),
    http: connector('http', [
      ...['--http-device-directory', `${httpDevices.url}/{deviceId}`, '--http-evidence', 'device'],
      ...['--http-listen-port', String(reportPort), '--http-listen-host', '127.0.0.1'],
    ]),
    coap: connector('coap', [
      ...['--coap-device-directory', `${coapDevices.url}/{deviceId}`],
      ...['--coap-listen-port', String(coapPort), '--coap-listen-host', '127.0.0.1'],
    ]),
  };
  await Promise.all(Object.values(connectors).map((each) => each.logged(/"taking commands"/)));
  const storeUrl = `sqlite:${join(folder, 'commands.sqlite')}`;
  const readers = {
    watch: reader('watch', ['--event-topic', topics.events]),
    store: reader('store run', ['--event-topic', topics.events, '--store', storeUrl]),
    settings: reader('settings watch', [
      '--settings-topic',
      topics.settings,
      '--reported-topic',
      topics.reported,
    ]),
    consume: reader('consume', ['--from-beginning']),
  };

  const gatewayKey = createApiKey('fuzz');
  const keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify({ keys: [gatewayKey.entry] }));
  const gatewayStore = join(folder, 'gateway-store-url');
  writeFileSync(gatewayStore, `sqlite:${join(folder, 'gateway.sqlite')}`);
  const gateway = startProgram({
    name: 'gateway',
    file: application('gateway'),
    logFile: join(folder, 'gateway.log'),
    args: [
      ...[...kafkaArguments, ...topicArguments, '--port', '0', '--keys', keys],
      ...['--requests-per-second', '1000000', '--command-store-url-file', gatewayStore],
    ],
  });
  const gatewayUrl = await gateway.logged(/"url":"([^"]+)"/);

  const running = resources.move();
  return {
    folder,
    brokers,
    topics,
    producer,
    mosquitto,
    httpDevices,
    coapDevices,
    reportUrl: `http://127.0.0.1:${reportPort}`,
    coapPort,
    connectors,
    readers,
    storeUrl,
    gateway,
    gatewayUrl,
    gatewayKey: gatewayKey.text,
    groupOf,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
