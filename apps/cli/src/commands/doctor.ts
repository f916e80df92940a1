import { exitCodes } from '@preservarium/command-line';
import { mqttVariables, readMqttOptions } from '@preservarium/command-line/mqtt';
import { PusherError } from '@preservarium/core';
import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';
import { type EnvironmentOptions, readTextFile, readVariables } from '@preservarium/environment';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { addCommonOptions, type CommonOptions, flagsOf, readOptions } from '../common-options.js';
import { readBroker } from '../doctor/broker.js';
import type { Certificate } from '../doctor/certificates.js';
import { checkCertificates } from '../doctor/check-certificates.js';
import { checkGateway } from '../doctor/check-gateway.js';
import { checkMqtt } from '../doctor/check-mqtt.js';
import { checks } from '../doctor/checks.js';
import { type Finding, fail } from '../doctor/finding.js';
import { readGateway } from '../doctor/gateway.js';
import { readDeployment } from '../doctor/read-deployment.js';
import { readKafkaCertificates, readMqttCertificates } from '../doctor/tls-servers.js';
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
  readonly gatewayUrl?: URL;
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
    .addOption(
      new Option('--gateway-url <url>', 'gateway to check as well (default: none)').argParser(parseUrl),
    )
    .option('--json', 'print the result as one JSON object');
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
With a broker, doctor connects as a connector (MQTT_USERNAME …), without a login, and as the device. It sends messages to topics of a device that does not exist.
Of a gateway, it asks for the device types, without a key.
The exit code is 1 if a check fails; a warning does not change it. The names of topics are those of the variables: docs/configuration.md.

Examples:
  pusher doctor --env production.env
  pusher doctor --env production.env --mqtt-device lamp-7 --mqtt-device-password-file lamp-7.password
  pusher doctor --env production.env --gateway-url https://pusher.example.com
  pusher doctor --brokers kafka-1:9092 --json | jq '.findings[].run'`,
    )
    .action((options: DoctorOptions) => doctor(options, signal));
}

/** The findings of one check. */
interface Result {
  readonly check: string;
  readonly findings: readonly Finding[];
}

async function doctor(options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const kafka = readOptions(options);
  const mqtt = readMqtt(options);
  // First: an expired certificate is why the others cannot be read.
  const certificates = await readCertificates(kafka, mqtt, options);
  const gateway = options.gatewayUrl && (await readGateway(options.gatewayUrl, options.timeout));
  const shown = [...certificates, ...(gateway?.certificates ?? [])];
  const ofCertificates = checkCertificates(shown, Date.now());
  const isExpired = ofCertificates.some(({ level }) => level === 'fail');
  const results: Result[] = [
    ...(await explained('brokers', isExpired, () => resultsOfKafka(kafka, options, signal))),
    ...(mqtt === undefined ? [] : await explained('mqtt', isExpired, () => resultsOfMqtt(mqtt, options))),
    ...(gateway === undefined ? [] : [{ check: 'gateway', findings: checkGateway(gateway) }]),
    ...(shown.length === 0 ? [] : [{ check: 'certificates', findings: ofCertificates }]),
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

/** Returns a finding in place of an error that an expired certificate explains. */
async function explained(
  check: string,
  isExpired: boolean,
  read: () => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  try {
    return await read();
  } catch (error) {
    if (!isExpired || !PusherError.isInstance(error)) throw error;
    const finding = fail({
      subject: check,
      what: `it could not be checked: ${error.message}`,
      why: 'there may be more findings than these',
      run: 'renew the certificates, then pusher doctor again',
    });
    return [{ check, findings: [finding] }];
  }
}

async function readCertificates(
  kafka: EnvironmentOptions,
  mqtt: MqttDelivererOptions | undefined,
  { timeout: timeoutMs }: DoctorOptions,
): Promise<readonly Certificate[]> {
  const found = await Promise.all([
    readKafkaCertificates(kafka, timeoutMs),
    mqtt === undefined ? [] : readMqttCertificates(mqtt, timeoutMs),
  ]);
  return found.flat();
}

async function resultsOfKafka(
  kafka: EnvironmentOptions,
  { maxWait: maxWaitMs, maxDowntime: maxDowntimeMs, timeout: timeoutMs }: DoctorOptions,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const deployment = await readDeployment({ kafka, timeoutMs, signal, maxWaitMs, maxDowntimeMs });
  return Object.entries(checks).map(([check, run]) => ({ check, findings: run(deployment) }));
}

async function resultsOfMqtt(mqtt: MqttDelivererOptions, options: DoctorOptions): Promise<readonly Result[]> {
  const { mqttDevice: username, mqttDevicePasswordFile: file, timeout: timeoutMs } = options;
  const password = file === undefined ? '' : readTextFile(file).trim();
  const device = username === undefined ? undefined : { username, password };
  const broker = await readBroker({ mqtt, device, timeoutMs });
  return [{ check: 'mqtt', findings: checkMqtt(broker) }];
}

function readMqtt(options: DoctorOptions): MqttDelivererOptions | undefined {
  const flags = { ...flagsOf(options), MQTT_URL: options.mqttUrl };
  // Without a URL the connectors have a default; here it means that there is no broker.
  const url = { ...mqttVariables.MQTT_URL, rule: z.string().optional() };
  if (readVariables({ MQTT_URL: url }, process.env, { flags }).MQTT_URL === undefined) return undefined;
  return readMqttOptions(process.env, { flags });
}

function parseUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError('give an http or https URL, for example https://pusher.example.com');
}
