import { commandOfPlainEnvelope } from '../codec/plain-envelope.js';
import { commandNames, fromWireNames, toWirePath } from '../codec/wire-names.js';
import { ValidationError, type ValidationIssue } from '../errors/validation-error.js';
import { maxIssues } from '../limits.js';
import type { CommandInput, CommandMessage } from './command.js';
import { commandMessageSchema } from './command-message.js';
import { cutText } from './cut-text.js';
import { inexactIntegers } from './inexact-integers.js';
import { jsonSourceOf, ownJson } from './json-source.js';
import { mirrorProtocolFields, readMirroredFields } from './mirrored-fields.js';
import { isPlainObject } from './plain-checks.js';
import { parsePlainCommand } from './plain-command.js';
import { isBodilessMethod } from './protocol-fields.js';
import { knownProtocols, type Protocol } from './protocols.js';
import { refuseUnreadable } from './unreadable-input.js';
import { validationIssues } from './validation-issues.js';

export interface ParseCommandOptions {
  /** Protocols that the application registered besides mqtt, coap and http, in lower case. */
  readonly protocols?: readonly string[];
}

/** A valid command whose protocol is known or registered, so that it may be pushed as it is. */
export interface ParsedCommand extends CommandMessage {
  readonly protocol: Protocol;
}

/** Command types that connectors use among themselves on the command topic. */
const reservedCommandTypes: readonly string[] = ['feedback'];

/**
 * Checks an input and fills in the defaults.
 *
 * @throws ValidationError with the first 20 broken rules and their places
 */
export function parseCommand(input: CommandInput, options: ParseCommandOptions = {}): ParsedCommand {
  const { command, issues } = refuseUnreadable('command', () => check(input, options));
  if (command !== undefined && issues.length === 0) return command as ParsedCommand;
  throw new ValidationError('command', issues);
}

/**
 * Checks an input in the snake_case form of the wire, as the Python producers write it, and fills in the defaults. Null means absent.
 *
 * @throws ValidationError with the first 20 broken rules and their places, in the names of that form
 */
export function parseCommandDict(
  dict: Readonly<Record<string, unknown>>,
  options: ParseCommandOptions = {},
): ParsedCommand {
  if (typeof dict !== 'object' || dict === null) {
    throw new ValidationError('command', [{ path: '', message: 'must be an object' }]);
  }
  const plain = refuseUnreadable('command', () =>
    isPlainObject(dict) ? commandOfPlainEnvelope(dict, () => ({})) : undefined,
  );
  if (plain !== undefined && isAcceptable(plain)) return withOwnPayload(plain) as ParsedCommand;
  const { known, unknown } = refuseUnreadable('command', () => fromWireNames(dict, commandNames));
  const { command, issues } = refuseUnreadable('command', () => check(known, options));
  const unknownIssues = Object.keys(unknown)
    .slice(0, maxIssues + 1)
    .map((name) => ({ path: cutText(name, 64), message: 'is not a known field' }));
  if (command !== undefined && issues.length + unknownIssues.length === 0) return command as ParsedCommand;
  throw new ValidationError('command', [
    ...unknownIssues,
    ...issues.map((issue) => ({ ...issue, path: toWirePath(issue.path, commandNames) })),
  ]);
}

function check(
  input: unknown,
  options: ParseCommandOptions,
): { command?: CommandMessage; issues: ValidationIssue[] } {
  const plain = parsePlainCommand(input);
  // One function that checks and returns the command would cost a push 15 % more.
  if (plain !== undefined && isAcceptable(plain)) return { command: withOwnPayload(plain), issues: [] };
  const mirrored = readMirroredFields(input, 'refuse');
  const result = commandMessageSchema.safeParse(mirrored.input);
  if (!result.success) return { issues: [...mirrored.issues, ...validationIssues(result.error)] };
  const issues = [...mirrored.issues];
  const { protocol, commandType, metadata } = result.data;
  const payload = ownJson(result.data.payload);
  if (jsonSourceOf(payload) === undefined) issues.push(...inexactIntegers(payload, 'payload'));
  issues.push(...inexactIntegers(metadata, 'metadata'));
  const registered = options.protocols ?? [];
  if (!registered.includes(protocol) && !isKnownProtocol(protocol)) {
    const allowed = [...knownProtocols, ...registered].join(', ');
    issues.push({
      path: 'protocol',
      message: `"${protocol}" is not one of ${allowed}; others must be registered`,
    });
  }
  if (!carriesPayload(result.data)) {
    const message = `must be empty: ${result.data.method} of ${protocol} carries no payload; use another method, or a query in the path`;
    issues.push({ path: 'payload', message });
  }
  if (reservedCommandTypes.includes(commandType)) {
    issues.push({ path: 'commandType', message: `"${commandType}" is reserved for the connectors` });
  }
  return { command: mirrorProtocolFields({ ...result.data, payload }), issues };
}

/** Returns false if a plain command may have issues, which are to be found. */
function isAcceptable(plain: CommandMessage): boolean {
  return !reservedCommandTypes.includes(plain.commandType) && carriesPayload(plain);
}

function withOwnPayload(plain: CommandMessage): CommandMessage {
  const payload = ownJson(plain.payload);
  return payload === plain.payload ? plain : { ...plain, payload };
}

function carriesPayload({ protocol, method, payload }: CommandMessage): boolean {
  return !isBodilessMethod(protocol, method) || Object.keys(payload).length === 0;
}

function isKnownProtocol(protocol: string): boolean {
  return (knownProtocols as readonly string[]).includes(protocol);
}
