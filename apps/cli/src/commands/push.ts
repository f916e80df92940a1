import { createMemoryBackend } from '@preservarium/backend-memory';
import { type CommandInput, parseCommand, type RequiredEvidence } from '@preservarium/core';
import { createPusherService, type PushReceipt } from '@preservarium/publisher';
import { type Command, Option } from 'commander';
import { parseInteger, parseJsonObject, parsePayload } from '../arguments.js';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { createBackend } from '../create-backend.js';
import { describeHeaders } from '../describe-record.js';
import { parseDuration, parseTimeout } from '../duration.js';
import { writeJson, writeLines } from '../output.js';
import { addProtocolNameOption, type ProtocolNameOptions, readProtocols } from '../protocol-names.js';
import { readTopicPolicy } from '../read-topic-policy.js';
import { addSigningKeyOption, readSigner, type SigningOptions } from '../signer.js';
import { detailsOf } from '../tracking/format-event.js';

interface PushCliOptions
  extends CommonOptions,
    SigningOptions,
    ProtocolNameOptions,
    Pick<CommandInput, 'protocol' | 'payload' | 'topic' | 'retain' | 'path' | 'method' | 'confirmable'>,
    Pick<CommandInput, 'metadata' | 'priority' | 'requestId' | 'supersedeKey'> {
  readonly evidence?: RequiredEvidence;
  /** In milliseconds. */
  readonly answerWithin?: number;
  readonly device: string;
  readonly type: string;
  readonly qos?: 0 | 1 | 2;
  /** In milliseconds. */
  readonly expiresIn?: number;
  readonly dryRun?: true;
  readonly wait?: 'delivered' | 'succeeded';
  /** In milliseconds. */
  readonly waitTimeout: number;
  readonly output: 'text' | 'json';
}

export function addPushCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('push')
    .description('Push one command to a device. Exits when the brokers have acknowledged it.')
    .requiredOption('--device <id>', 'id of the device')
    .requiredOption('--type <type>', 'type of the command, for example set_led')
    .requiredOption('--protocol <protocol>', 'mqtt, coap, http, or a protocol of --protocol-name')
    .requiredOption(
      '--payload <json>',
      'arguments of the command: JSON; {"$bytes":"<hex>"} for bytes',
      parsePayload,
    )
    .option('--topic <topic>', 'mqtt: topic of the command')
    .option('--qos <level>', 'mqtt: quality of service, 0 to 2', parseInteger)
    .option('--retain', 'mqtt: the broker keeps the message for later subscribers')
    .option('--path <path>', "coap and http: path on the device's server")
    .option('--method <method>', 'coap and http: request method')
    .option('--confirmable', 'coap: the device must acknowledge it')
    .option('--no-confirmable', 'coap: the device does not acknowledge it')
    .option('--metadata <json>', 'passed on to the connectors: a JSON object', parseJsonObject)
    .option('--priority <n>', 'of waiting commands, connectors deliver higher priorities first', parseInteger)
    .option(
      '--expires-in <duration>',
      'connectors do not deliver it later: 500ms, 30s, 5m, 2h, 7d',
      parseDuration,
    )
    .option('--supersede-key <key>', 'a newer command with the same key replaces one not yet dispatched')
    .addOption(
      new Option(
        '--evidence <evidence>',
        'evidence that ends the command (default: that of the connector)',
      ).choices(['gateway', 'device', 'executed']),
    )
    .option(
      '--answer-within <duration>',
      'time of the device to answer an attempt, with --evidence (default: that of the connector)',
      parseTimeout,
    )
    .option(
      '--request-id <id>',
      'id of the command, to push it again as the same command (default: a new UUID)',
    )
    .addOption(
      new Option('--wait <state>', 'exit when the command reaches this state').choices([
        'delivered',
        'succeeded',
      ]),
    )
    .addOption(
      new Option('--wait-timeout <duration>', 'deadline of --wait')
        .argParser(parseTimeout)
        .default(30_000, '30s'),
    )
    .option(
      '--event-topic <topic>',
      'topic of lifecycle events, for --wait (DEVICE_EVENT_TOPIC; default: device_command_events)',
    )
    .option(
      '--waiting-topic <topic>',
      'topic of waiting commands, in which --wait looks for connectors (DEVICE_WAITING_TOPIC; default: device_commands_waiting)',
    )
    .option('--dry-run', 'print the record as JSON and send nothing')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addProtocolNameOption(command);
  addSigningKeyOption(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
If MQTT_COMMAND_TOPICS or a topic template of the MQTT connectors is set in the environment or the --env file, push refuses a --topic to which
the connectors would not publish. A device id that cannot stand in a topic is always refused; see MQTT_TOPIC_TEMPLATE ({+deviceId}).

Examples:
  pusher push --device device123 --type set_led --protocol mqtt --topic devices/device123/led --payload '{"state":"on"}'
  pusher push --device pump-7 --type set_rate --protocol coap --path /rate --payload '{"litres":3}' --expires-in 30s
  pusher push --device valve-7 --type read_angle --protocol mqtt --payload '{}' --wait succeeded --wait-timeout 5s
  pusher push --device device123 --type set_led --protocol mqtt --payload '{"state":"on"}' --dry-run
  pusher push --device plug-7 --type POWER --protocol mqtt --payload '"ON"'`,
    )
    .action((options: PushCliOptions) => {
      if (options.dryRun) return dryRun(options);
      return options.wait === undefined ? push(options, signal) : pushWaiting(options, options.wait, signal);
    });
}

async function push(options: PushCliOptions, signal: AbortSignal): Promise<void> {
  const protocols = readProtocols(options);
  const command = parseCommand(commandOf(options), { protocols });
  const settings = readOptions(options);
  await using service = createPusherService({
    backend: await createBackend(settings),
    commandTopic: settings.commandTopic,
    protocols,
    topicPolicy: readTopicPolicy(options),
    sign: readSigner(options),
  });
  const waitOptions = { timeoutMs: options.timeout, signal };
  // Connects before the push, so that an unreachable broker is not reported as a command that may be written.
  await service.connect(waitOptions);
  const receipt = await service.pushCommand(command, waitOptions);
  if (options.output === 'json') return writeJson(receipt);
  return writeLines([pushedLine(receipt)]);
}

async function pushWaiting(
  options: PushCliOptions,
  until: 'delivered' | 'succeeded',
  signal: AbortSignal,
): Promise<void> {
  const isText = options.output === 'text';
  const protocols = readProtocols(options);
  // It reads what connectors wrote, with modules that a push alone does not need.
  const { pushAndWait } = await import('../tracking/push-and-wait.js');
  const lifecycle = await pushAndWait(parseCommand(commandOf(options), { protocols }), {
    settings: readOptions(options),
    protocols,
    topicPolicy: readTopicPolicy(options),
    sign: readSigner(options),
    until,
    waitMs: options.waitTimeout,
    timeoutMs: options.timeout,
    signal,
    onPushed: async (receipt) => (isText ? writeLines([pushedLine(receipt)]) : undefined),
  });
  return isText ? writeLines([[lifecycle.state, ...detailsOf(lifecycle)].join('  ')]) : writeJson(lifecycle);
}

function pushedLine({ requestId, topic, partition, offset }: PushReceipt): string {
  const place = partition === undefined ? '' : `, partition ${partition}, offset ${offset}`;
  return `pushed ${requestId} to ${topic}${place}`;
}

/** Pushes to a backend in memory and prints the record. */
async function dryRun(options: PushCliOptions): Promise<void> {
  const { commandTopic } = readOptions(options);
  const backend = createMemoryBackend();
  await using service = createPusherService({
    backend,
    commandTopic,
    protocols: readProtocols(options),
    topicPolicy: readTopicPolicy(options),
    sign: readSigner(options),
  });
  await service.pushCommand(commandOf(options));
  for (const { topic, key, headers, value } of backend.records(commandTopic)) {
    await writeJson({
      topic,
      key: String(key),
      headers: describeHeaders(headers),
      value: JSON.parse(String(value)),
    });
  }
}

function commandOf(options: PushCliOptions): CommandInput {
  const { device, type, protocol, payload, topic, qos, retain, path, method, confirmable } = options;
  const { metadata, priority, supersedeKey, requestId, expiresIn, evidence, answerWithin } = options;
  return {
    deviceId: device,
    commandType: type,
    protocol,
    payload,
    topic,
    qos,
    retain,
    path,
    method,
    confirmable,
    metadata,
    priority,
    supersedeKey,
    requiredEvidence: evidence,
    answerWithinMs: answerWithin,
    requestId,
    expiresAt: expiresIn === undefined ? undefined : new Date(Date.now() + expiresIn),
  };
}
