import {
  type ConsumedRecord,
  headerTexts,
  type PublishRecord,
  textHeaders,
  type WireCommand,
  type WireDefaults,
} from '@preservarium/backend';
import {
  type CommandMessage,
  parseCommand,
  type RequiredEvidence,
  ValidationError,
  type ValidationIssue,
} from '@preservarium/core';
import { contentOfPayload, payloadOfContent } from './hono-content.js';

/** Fields of a command for which Hono has no header. */
const uncarried = [
  'priority',
  'expiresAt',
  'supersedeKey',
  'answerWithinMs',
  'issuedBy',
  'topic',
  'qos',
  'retain',
  'path',
  'method',
  'confirmable',
] as const satisfies readonly (keyof CommandMessage)[];

/**
 * Returns a command as a business application writes it: with `response-required` where it requires the evidence of its device. The protocol is not
 * written: Hono knows how its devices are connected.
 *
 * @throws ValidationError that names each field that Hono does not carry
 */
export function encodeHonoCommand(command: CommandMessage): Pick<PublishRecord, 'value' | 'headers'> {
  const issues = uncarriedFields(command);
  if (issues.length > 0) throw new ValidationError('command', issues);
  const { deviceId, commandType, requestId, requiredEvidence = 'gateway' } = command;
  const { value, contentType } = contentOfPayload(command.payload);
  const oneWay = { device_id: deviceId, subject: commandType, 'content-type': contentType };
  const headers =
    requiredEvidence === 'gateway'
      ? oneWay
      : { 'correlation-id': requestId, ...oneWay, 'response-required': 'true' };
  return { value, headers: textHeaders(headers) };
}

function uncarriedFields(command: CommandMessage): ValidationIssue[] {
  const message = 'is not carried by commands of Eclipse Hono: leave it out';
  const paths: string[] = uncarried.filter((field) => command[field] !== undefined);
  // Fields of the protocol are in the metadata, too.
  if (paths.length === 0) paths.push(...Object.keys(command.metadata).map((key) => `metadata.${key}`));
  return paths.map((path) => ({ path, message }));
}

/**
 * Reads a command of a business application. One that needs a response has its correlation id as request id, and requires the answer of its device: over
 * MQTT a report of the result, over other protocols the response to the request is one.
 */
export function decodeHonoCommand(record: ConsumedRecord, defaults: WireDefaults): WireCommand {
  const texts = headerTexts(record.headers);
  const { device_id: deviceId, subject, 'content-type': contentType } = texts;
  const { protocol } = defaults;
  const isAnswered = texts['response-required'] === 'true';
  const requestId = isAnswered ? texts['correlation-id'] : defaults.requestId;
  const missing = Object.entries({ device_id: deviceId, subject, 'correlation-id': requestId })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `${name}: is a required header`);
  if (deviceId === undefined || subject === undefined || requestId === undefined)
    return invalid(missing.join('; '));
  // The key says the partition, which keeps the commands of a device in order.
  if (record.key?.toString() !== deviceId) return invalid('device_id: must be the key of the record');
  const requiredEvidence: RequiredEvidence = protocol === 'mqtt' ? 'executed' : 'device';
  try {
    const command = parseCommand(
      {
        requestId,
        deviceId,
        commandType: subject,
        payload: payloadOfContent(record.value ?? Buffer.alloc(0), contentType),
        // Not one of the known protocols, maybe: the connector has it from its deliverer.
        protocol: protocol as 'mqtt',
        timestamp: new Date(record.timestampMs),
        ...(isAnswered && { requiredEvidence }),
      },
      { protocols: [protocol] },
    );
    return { ok: true, command };
  } catch (error) {
    return invalid(ValidationError.isInstance(error) ? error.message : String(error));
  }
}

function invalid(message: string): WireCommand {
  return { ok: false, reason: 'invalid-fields', message };
}
