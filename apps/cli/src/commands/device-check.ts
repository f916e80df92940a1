import { displayUrl } from '@preservarium/command-line/application';
import { readMqttOptions } from '@preservarium/command-line/mqtt';
import type { JsonObject } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { parseJsonObject } from '../arguments.js';
import { type EnvFileOptions, flagsOf } from '../common-options.js';
import { checks, type Verdict } from '../device-check/checks.js';
import { openDeviceLink } from '../device-check/device-link.js';
import { parseTimeout } from '../duration.js';
import { writeJson, writeLines, writeNote } from '../output.js';

interface DeviceCheckOptions extends EnvFileOptions {
  readonly device: string;
  readonly type: string;
  readonly payload: JsonObject;
  readonly settings?: JsonObject;
  readonly returnWithin?: number;
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

const words = { pass: 'pass', fail: 'FAIL', skip: 'skip' } as const;

export function addDeviceCheckCommand(device: Command, signal: AbortSignal): void {
  device
    .command('check')
    .description(
      'Send commands to a device as a connector does, and check its answers. Needs an MQTT broker and no Kafka.',
    )
    .argument('[url]', 'the broker: mqtt://host:1883 or mqtts://host:8883 (MQTT_URL)')
    .requiredOption('--device <id>', 'id of the device')
    .option('--type <type>', 'type of a command that the device executes', 'ping')
    .option('--payload <json>', 'its arguments: a JSON object', parseJsonObject, {})
    .option('--settings <json>', 'desired settings to try: a JSON object', parseJsonObject)
    .option(
      '--return-within <duration>',
      'also try to turn the device off and on; the time for each of both',
      parseTimeout,
    )
    .addOption(
      new Option('--timeout <duration>', 'how long the device may take to answer')
        .argParser(parseTimeout)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option('--output <format>', 'format of the results').choices(['text', 'json']).default('text'),
    )
    .option('--env <file>', 'file of variables, such as .env (PUSHER_ENV_FILE; default: none)')
    .addHelpText(
      'after',
      `
The device executes the command several times, and takes the settings. Settings that the broker kept for it are removed at the end. The exit code is 1 if a check
fails. It reads the MQTT_ variables of the mqtt-connector, all but MQTT_CLIENT_ID.

Examples:
  pusher device check mqtt://localhost:1883 --device lamp-7 --type set_led --payload '{"state":"on"}'
  pusher device check mqtt://localhost:1883 --device lamp-7 --settings '{"led":"on"}' --return-within 60s`,
    )
    .action((url: string | undefined, options: DeviceCheckOptions) => check(url, options, signal));
}

async function check(
  url: string | undefined,
  options: DeviceCheckOptions,
  signal: AbortSignal,
): Promise<void> {
  const { device: deviceId, timeout: timeoutMs, output } = options;
  // The client id is that of a connector that may run: the broker would end its connection.
  const flags = { ...flagsOf(options), MQTT_URL: url };
  const { clientId: _, ...mqtt } = readMqttOptions(process.env, { flags });
  const link = await openDeviceLink({ deviceId, mqtt, timeoutMs, signal });
  if (output === 'text') await writeLines([`${deviceId} at ${displayUrl(mqtt.url)}`]);
  const trial = {
    deviceId,
    commandType: options.type,
    payload: options.payload,
    settings: options.settings,
    returnWithinMs: options.returnWithin,
    tell: writeNote,
  };
  const counts = { pass: 0, fail: 0, skip: 0 };
  try {
    for (const { name, run } of checks) {
      const verdict: Verdict = await run(link, trial);
      counts[verdict.outcome] += 1;
      if (output === 'json') await writeJson({ check: name, ...verdict });
      else await writeLines([`${words[verdict.outcome]}  ${name.padEnd(8)}  ${verdict.detail}`]);
    }
  } finally {
    await link.close();
  }
  if (output === 'text')
    await writeLines([`${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped`]);
  if (counts.fail > 0) process.exitCode = 1;
}
