import type { CommandMessage } from './command-message.js';
import { createRequestId } from './create-request-id.js';
import { isInstantDate } from './instant.js';
import { isPlainJsonObject, isPlainObject } from './plain-json.js';
import { fieldsOfProtocol, protocolFieldNames } from './protocol-fields.js';

type Check = (value: unknown) => boolean;

/** For each field, whether a value is valid and stands as it is; more is refused here than by the schema. */
const isPlain: Readonly<Record<keyof CommandMessage, Check>> = {
  requestId: asciiText(256),
  timestamp: isInstantDate,
  deviceId: asciiText(256),
  commandType: asciiText(128),
  payload: isPlainJsonObject,
  protocol: (value) => value === 'mqtt' || value === 'coap' || value === 'http',
  metadata: isPlainJsonObject,
  priority: Number.isSafeInteger,
  expiresAt: isInstantDate,
  supersedeKey: asciiText(128),
  topic: (value) => typeof value === 'string' && value.length <= 1024 && /^[ -"$-*,-~]+$/.test(value),
  qos: (value) => value === 0 || value === 1 || value === 2,
  retain: isBoolean,
  path: (value) => typeof value === 'string' && value.length <= 255 && /^[\w/-]+$/.test(value),
  method: (value) => value === 'GET' || value === 'POST' || value === 'PUT' || value === 'DELETE',
  confirmable: isBoolean,
};
const checkOf: ReadonlyMap<string, Check> = new Map(Object.entries(isPlain));

/**
 * The short way for the great many commands that are plainly valid: gives what the schema would give, several times
 * faster, or undefined where it takes the schema to decide.
 */
export function parsePlainCommand(input: unknown): CommandMessage | undefined {
  if (!isPlainObject(input)) return undefined;
  for (const key in input) {
    if (checkOf.get(key)?.(input[key]) !== true) return undefined;
  }
  const given = input as Partial<CommandMessage>;
  if (given.deviceId === undefined || given.commandType === undefined || given.protocol === undefined)
    return undefined;
  const fields = fieldsOfProtocol(given.protocol);
  const metadata: Record<string, CommandMessage['metadata'][string]> = { ...given.metadata };
  const command: { [Field in keyof CommandMessage]?: unknown } = {
    requestId: given.requestId ?? createRequestId(),
    timestamp: given.timestamp ?? new Date(),
    deviceId: given.deviceId,
    commandType: given.commandType,
    payload: given.payload ?? {},
    protocol: given.protocol,
    metadata,
  };
  for (const field of fields) {
    const value = given[field];
    if (field in metadata && metadata[field] !== value) return undefined;
    if (value === undefined) continue;
    command[field] = value;
    metadata[field] = value;
  }
  for (const field of protocolFieldNames) {
    if (given[field] !== undefined && command[field] === undefined) return undefined;
  }
  if (given.priority !== undefined) command.priority = given.priority;
  if (given.expiresAt !== undefined) command.expiresAt = given.expiresAt;
  if (given.supersedeKey !== undefined) command.supersedeKey = given.supersedeKey;
  return command as CommandMessage;
}

function asciiText(maxLength: number): Check {
  return (value) => typeof value === 'string' && value.length <= maxLength && /^[ -~]+$/.test(value);
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}
