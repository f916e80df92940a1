import type { ValidationIssue } from '../errors/validation-error.js';
import type { CommandMessage } from './command.js';
import { isJsonObject } from './is-json-object.js';
import { fieldsOfProtocol } from './protocol-fields.js';

/**
 * Connectors of other makes read `topic`, `qos`, `path` and the like from `metadata`. So a command carries them in both
 * places: this copies fields that are only in `metadata` to the top level.
 *
 * @param conflicts what to do about a field that differs in the two places: `refuse` it, or let metadata win as those
 *   connectors do
 */
export function readMirroredFields(
  input: unknown,
  conflicts: 'refuse' | 'metadata wins',
): { readonly input: unknown; readonly issues: readonly ValidationIssue[] } {
  if (!isJsonObject(input) || !isJsonObject(input.metadata) || typeof input.protocol !== 'string')
    return { input, issues: [] };
  const issues: ValidationIssue[] = [];
  let merged: Record<string, unknown> | undefined;
  for (const field of fieldsOfProtocol(input.protocol.toLowerCase())) {
    const mirrored = input.metadata[field];
    if (mirrored === undefined || mirrored === null || mirrored === input[field]) continue;
    if (input[field] !== undefined && conflicts === 'refuse') {
      issues.push({ path: field, message: `differs from metadata.${field}; give it once` });
      continue;
    }
    merged ??= { ...input };
    merged[field] = mirrored;
  }
  return { input: merged ?? input, issues };
}

/** Adds the protocol's fields to `metadata`, where connectors of other makes read them. */
export function mirrorProtocolFields(command: CommandMessage): CommandMessage {
  let metadata: Record<string, CommandMessage['metadata'][string]> | undefined;
  for (const field of fieldsOfProtocol(command.protocol)) {
    const value = command[field];
    if (value === undefined || command.metadata[field] === value) continue;
    metadata ??= { ...command.metadata };
    metadata[field] = value;
  }
  return metadata === undefined ? command : { ...command, metadata };
}
