import { startTimeLimit } from '@preservarium/concurrency';
import { type CommandMessage, topicProblem } from '@preservarium/core';
import {
  type DeliveryContext,
  type DeliveryResult,
  type DevicePayload,
  formatAsJson,
  traceContextOf,
} from '@preservarium/deliverer';
import type { CompleteOptions } from './deliverer-options.js';
import { templateOf } from './mqtt-channel.js';
import type { MqttDependencies } from './mqtt-dependencies.js';
import type { CompiledMqttWire } from './mqtt-device-types.js';
import { encodePublish, type PublishPacket, type PublishProperties } from './mqtt-publish-packet.js';
import { isRetained } from './mqtt-retain.js';
import type { RetainedCommands } from './mqtt-retained-commands.js';
import type { SentCommands } from './mqtt-sent-commands.js';

export interface DeliveryDependencies extends MqttDependencies {
  readonly sent: SentCommands;
  readonly retained: RetainedCommands;
}

/**
 * Hands one command to the broker, and says what its answer proves. It waits for nothing but that answer where `formatCommand`
 * gives no promise: each step that is awaited costs as much as encoding the message.
 */
export function deliver(
  command: CommandMessage,
  context: DeliveryContext,
  means: DeliveryDependencies,
): DeliveryResult | Promise<DeliveryResult> {
  const { settings } = means;
  const deadlineAtMs = performance.now() + settings.timeoutMs;
  const wire = settings.deviceTypes.find(command);
  if (typeof wire === 'string') return rejected(wire);
  const template = wire?.topic ?? templateOf(command, settings);
  const topic = command.topic ?? template.fill(command);
  if (topic === undefined) return rejected(template.problemOf(command) ?? 'the ids make no MQTT topic');
  const unfit = topicProblem(topic);
  if (unfit !== undefined) return rejected(`topic: ${unfit}`);
  const policy = command.topic === undefined ? settings.filledTopics : settings.namedTopics;
  const problem = policy.problemOf({ deviceId: command.deviceId, topic });
  if (problem !== undefined) return rejected(problem);

  const publish = (formatted: Formatted) =>
    formatted.kind === 'formatted'
      ? publishTo(topic, formatted.payload, { command, context, means, deadlineAtMs })
      : formatted;
  if (wire !== undefined)
    return publishAwaited(command, wire, means, () => publish(formatFor(command, wire)));
  const formatting = format(command, context, means);
  return formatting instanceof Promise ? formatting.then(publish) : publish(formatting);
}

/** The device may answer before the broker does. */
async function publishAwaited(
  command: CommandMessage,
  wire: CompiledMqttWire,
  { sent }: DeliveryDependencies,
  publish: () => DeliveryResult | Promise<DeliveryResult>,
): Promise<DeliveryResult> {
  sent.add(command, wire);
  const result = await publish();
  if (result.kind !== 'delivered') sent.remove(command);
  return result;
}

function formatFor(command: CommandMessage, wire: CompiledMqttWire): Formatted {
  try {
    return { kind: 'formatted', payload: wire.format(command) };
  } catch (error) {
    return notFormatted(error);
  }
}

interface Publishing {
  readonly command: CommandMessage;
  readonly context: DeliveryContext;
  readonly means: DeliveryDependencies;
  readonly deadlineAtMs: number;
}

function publishTo(
  topic: string,
  payload: DevicePayload,
  { command, context, means, deadlineAtMs }: Publishing,
): DeliveryResult | Promise<DeliveryResult> {
  if (context.signal.aborted) return givenUp('the delivery was aborted');
  const { settings, publisher, retained } = means;
  const retain = isRetained(command, means);
  const problem = retain ? retained.problemOf(command) : undefined;
  if (problem !== undefined) return rejected(problem);
  const wantedQos = command.qos ?? settings.qos;
  const qos = wantedQos === 2 && publisher.maxQos() === 2 ? 2 : 1;
  const encode = (given: DeliveryContext) =>
    encodePublish({
      topic,
      payload,
      qos,
      retain,
      properties: settings.protocolVersion === 5 ? propertiesOf(command, given, settings) : undefined,
    });
  let packet: PublishPacket;
  try {
    packet = encode(context);
  } catch (error) {
    return rejected(`it cannot be sent: ${messageOf(error)}`);
  }
  const expiresAtMs = command.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const publishing = publisher.publish({
    packet,
    repeat: () => encode({ ...context, mayBeRepeat: true }),
    retain,
    expiresAtMs,
    deadlineAtMs,
    signal: context.signal,
    maySend: context.maySend,
  });
  return retain ? noteRetained(publishing, topic, command, means) : publishing;
}

async function noteRetained(
  publishing: Promise<DeliveryResult>,
  topic: string,
  command: CommandMessage,
  { retained }: DeliveryDependencies,
): Promise<DeliveryResult> {
  const result = await publishing;
  if (result.kind === 'delivered') retained.kept(topic, command);
  return result;
}

type Formatted = { readonly kind: 'formatted'; readonly payload: DevicePayload } | DeliveryResult;

/** A promise only where `formatCommand` gives one. */
function format(
  command: CommandMessage,
  context: DeliveryContext,
  means: DeliveryDependencies,
): Formatted | Promise<Formatted> {
  try {
    const formatting = means.settings.formatCommand?.(command, context);
    if (formatting instanceof Promise) return formatInTime(formatting, command, context, means);
    return { kind: 'formatted', payload: formatting ?? formatWithExpiry(command, means.settings) };
  } catch (error) {
    return notFormatted(error);
  }
}

async function formatInTime(
  formatting: Promise<DevicePayload | undefined>,
  command: CommandMessage,
  { signal }: DeliveryContext,
  { settings, closing }: DeliveryDependencies,
): Promise<Formatted> {
  try {
    using limit = startTimeLimit(settings.timeoutMs, [signal, closing]);
    const payload = await limit.within(
      formatting.then((formatted) => formatted ?? formatWithExpiry(command, settings)),
    );
    if (payload !== undefined) return { kind: 'formatted', payload };
    if (limit.timedOut()) return givenUp(`formatCommand did not answer within ${settings.timeoutMs} ms`);
    return givenUp(closing.aborted ? 'the MQTT deliverer is closed' : 'the delivery was aborted');
  } catch (error) {
    return notFormatted(error);
  }
}

/** MQTT 3.1.1 has no other place to say when the command expires. A field of the command's own stays as it is. */
function formatWithExpiry(
  command: CommandMessage,
  { expiresAtField }: Pick<CompleteOptions, 'expiresAtField'>,
): DevicePayload {
  const formatted = formatAsJson(command);
  const { expiresAt, payload } = command;
  if (expiresAtField === undefined || expiresAt === undefined || formatted.contentType !== 'application/json')
    return formatted;
  return formatAsJson({ ...command, payload: { [expiresAtField]: expiresAt.toISOString(), ...payload } });
}

function notFormatted(error: unknown): DeliveryResult {
  return rejected(`it cannot be formatted: ${messageOf(error)}`);
}

function propertiesOf(
  { commandType, requestId, deviceId, expiresAt }: CommandMessage,
  { attempt, mayBeRepeat, sequence, headers }: DeliveryContext,
  { responses }: CompleteOptions,
): PublishProperties {
  const userProperties: [string, string][] = [
    ['command_type', commandType],
    ['request_id', requestId],
    ['attempt', String(attempt)],
  ];
  if (sequence !== undefined) userProperties.push(['sequence', sequence]);
  if (expiresAt !== undefined) userProperties.push(['expires_at', expiresAt.toISOString()]);
  const { traceparent, tracestate } = traceContextOf(headers);
  if (traceparent !== undefined) userProperties.push(['traceparent', traceparent]);
  if (tracestate !== undefined) userProperties.push(['tracestate', tracestate]);
  if (mayBeRepeat) userProperties.push(['may_be_repeat', 'true']);
  return {
    correlationData: requestId,
    responseTopic: responses.fill({ deviceId, requestId }),
    userProperties,
    expires: expiresAt !== undefined,
  };
}

function rejected(reason: string): DeliveryResult {
  return { kind: 'rejected', reason };
}

function givenUp(reason: string): DeliveryResult {
  return { kind: 'retryable', reason, unreachable: false };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
