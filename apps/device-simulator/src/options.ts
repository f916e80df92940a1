import { commandOf } from '@preservarium/command-line/process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './duration.js';
import type { OutputFormat } from './report-command.js';

/** Durations are in milliseconds. */
export interface SimulatorOptions {
  readonly mqtt: number;
  readonly coap: number;
  readonly coapPolling: number;
  readonly http: number;
  readonly broker: string;
  readonly mqttVersion: '5' | '3.1.1';
  readonly host: string;
  readonly coapPort: number;
  readonly httpPort: number;
  readonly connector: string;
  readonly pollEvery: number;
  readonly fail: number;
  readonly answerAfter: number;
  readonly refuseOlder: boolean;
  readonly vanishAfter?: number;
  readonly returnAfter?: number;
  readonly output: OutputFormat;
}

/**
 * Parses the command line.
 *
 * @throws CommanderError for `--help`, after writing the help, and for wrong arguments
 */
export function readOptions(argv: readonly string[]): SimulatorOptions {
  const command = new Command(commandOf('device-simulator'))
    .description(
      'Simulates devices that take commands over MQTT, CoAP and HTTP, and prints each command that arrives.',
    )
    .exitOverride()
    .optionsGroup('Devices:')
    .option('--mqtt <n>', 'devices mqtt-1, mqtt-2, ... on an MQTT broker', parseCount, 0)
    .option('--coap <n>', 'devices coap-1, ... with a CoAP server', parseCount, 0)
    .option('--coap-polling <n>', 'devices coap-polling-1, ... that poll a CoAP connector', parseCount, 0)
    .option('--http <n>', 'devices http-1, ... with an HTTP server', parseCount, 0)
    .optionsGroup('Addresses:')
    .option('--broker <url>', 'MQTT broker of the devices', 'mqtt://localhost:1883')
    .addOption(
      new Option('--mqtt-version <version>', 'MQTT version of the devices')
        .choices(['5', '3.1.1'])
        .default('5'),
    )
    .option('--host <address>', 'address of the CoAP and HTTP servers', '127.0.0.1')
    .option(
      '--coap-port <port>',
      'port of the CoAP server: a device is at coap://<host>:<port>/<device>',
      parsePort,
      5700,
    )
    .option(
      '--http-port <port>',
      'port of the HTTP server: a device is at http://<host>:<port>/<device>',
      parsePort,
      8090,
    )
    .option('--connector <url>', 'CoAP connector of polling devices', 'coap://localhost:5683')
    .addOption(durationOption('--poll-every <duration>', 'interval of polling devices').default(1_000, '1s'))
    .optionsGroup('Scenario:')
    .option('--fail <share>', 'share of executions that fail, from 0 to 1', parseShare, 0)
    .addOption(durationOption('--answer-after <duration>', 'duration of an execution').default(0, '0ms'))
    .option(
      '--refuse-older',
      'devices reject a command that was pushed before one that they have taken',
      false,
    )
    .addOption(durationOption('--vanish-after <duration>', 'time after which all devices disconnect'))
    .addOption(durationOption('--return-after <duration>', 'time after which they return'))
    .optionsGroup('Output:')
    .addOption(
      new Option('--output <format>', 'format of the lines').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', examples);
  const options = command.parse(argv, { from: 'user' }).opts<SimulatorOptions>();
  if (options.mqtt + options.coap + options.coapPolling + options.http === 0) {
    command.error('error: no devices; for example --mqtt 10');
  }
  if (options.returnAfter !== undefined && options.vanishAfter === undefined) {
    command.error('error: --return-after needs --vanish-after');
  }
  return options;
}

const examples = `
Examples:
  device-simulator --mqtt 10 --coap 5 --coap-polling 2 --http 5
  device-simulator --mqtt 100 --fail 0.1 --answer-after 50ms --output json
  device-simulator --http 1 --vanish-after 30s --return-after 60s
`;

function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseDuration);
}

const maxDevices = 10_000;

function parseCount(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= maxDevices) return Number(text);
  throw new InvalidArgumentError(`Give a whole number from 0 to ${maxDevices}.`);
}

function parsePort(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Give a port, or 0 for a free one.');
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text !== '' && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('Give a number from 0 to 1.');
}
