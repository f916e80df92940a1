import { exitCodes } from '@preservarium/command-line';
import { mqttVariables, readMqttOptions } from '@preservarium/command-line/mqtt';
import { readTextFile, readVariables } from '@preservarium/environment';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { addCommonOptions, type CommonOptions, flagsOf, readOptions } from '../common-options.js';
import { type Broker, readBroker } from '../doctor/broker.js';
import { checkMqtt } from '../doctor/check-mqtt.js';
import { checks } from '../doctor/checks.js';
import type { Finding } from '../doctor/finding.js';
import { readDeployment } from '../doctor/read-deployment.js';
import { parseDuration } from '../duration.js';
import { writeJson, writeLines } from '../output.js';

interface DoctorOptions extends CommonOptions {
  /** In milliseconds. */
  readonly maxWait: number;
  /** In milliseconds. */
  readonly maxDowntime: number;
  readonly mqttUrl?: string;
  readonly mqttDevice?: string;
  readonly mqttDevicePasswordFile?: string;
  readonly json?: true;
}

const dayMs = 24 * 3_600_000;
const words = { fail: 'FAIL', warn: 'warn' } as const;

export function addDoctorCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('doctor')
    .description(
      'Check a deployment from outside: what is wrong, why it matters, and what to run. Changes nothing.',
    )
    .addOption(
      new Option('--max-wait <duration>', 'CONNECTOR_MAX_WAIT_SECONDS of the connectors')
        .argParser(parseDuration)
        .default(7 * dayMs, '7d'),
    )
    .addOption(
      new Option('--max-downtime <duration>', 'CONNECTOR_MAX_DOWNTIME of the connectors')
        .argParser(parseDuration)
        .default(30 * dayMs, '30d'),
    )
    .option('--mqtt-url <url>', 'MQTT broker to check as well (MQTT_URL; default: none)')
    .option('--mqtt-device <user>', 'user name of any one device at the broker, whose rights are tried')
    .option('--mqtt-device-password-file <path>', 'file with its password')
    .option('--json', 'print the result as one JSON object');
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
With a broker, doctor connects as a connector (MQTT_USERNAME …), without a login, and as the device. It sends messages to topics of a device that does not exist.
The exit code is 1 if a check fails; a warning does not change it. The names of topics are those of the variables: docs/configuration.md.

Examples:
  pusher doctor --env production.env
  pusher doctor --env production.env --mqtt-device lamp-7 --mqtt-device-password-file lamp-7.password
  pusher doctor --brokers kafka-1:9092 --json | jq '.findings[].run'`,
    )
    .action((options: DoctorOptions) => doctor(options, signal));
}

async function doctor(options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const { maxWait: maxWaitMs, maxDowntime: maxDowntimeMs, timeout: timeoutMs } = options;
  const kafka = readOptions(options);
  const deployment = await readDeployment({ kafka, timeoutMs, signal, maxWaitMs, maxDowntimeMs });
  const broker = await readMqttBroker(options);
  const results = [
    ...Object.entries(checks).map(([check, run]) => ({ check, findings: run(deployment) })),
    ...(broker === undefined ? [] : [{ check: 'mqtt', findings: checkMqtt(broker) }]),
  ];
  const findings = results.flatMap(({ check, findings }) =>
    findings.map((finding) => ({ check, ...finding })),
  );
  const failed = findings.filter(({ level }) => level === 'fail').length;
  if (failed > 0) process.exitCode = exitCodes.failed;
  if (options.json) {
    const passed = results.filter((result) => result.findings.length === 0).map(({ check }) => check);
    return writeJson({ ok: failed === 0, passed, findings });
  }
  const lines = results.flatMap(({ check, findings }) =>
    findings.length === 0 ? [`pass  ${check}`] : findings.flatMap((finding) => linesOf(check, finding)),
  );
  await writeLines([...lines, `${failed} failed, ${findings.length - failed} warnings`]);
}

function linesOf(check: string, { level, subject, what, why, run }: Finding): readonly string[] {
  return [`${words[level]}  ${check}: ${subject}: ${what}`, `      why: ${why}`, `      run: ${run}`];
}

async function readMqttBroker(options: DoctorOptions): Promise<Broker | undefined> {
  const { mqttUrl, mqttDevice: username, mqttDevicePasswordFile: file, timeout: timeoutMs } = options;
  const flags = { ...flagsOf(options), MQTT_URL: mqttUrl };
  // Without a URL the connectors have a default; here it means that there is no broker.
  const url = { ...mqttVariables.MQTT_URL, rule: z.string().optional() };
  if (readVariables({ MQTT_URL: url }, process.env, { flags }).MQTT_URL === undefined) return undefined;
  const mqtt = readMqttOptions(process.env, { flags });
  const password = file === undefined ? '' : readTextFile(file).trim();
  return readBroker({ mqtt, device: username === undefined ? undefined : { username, password }, timeoutMs });
}
