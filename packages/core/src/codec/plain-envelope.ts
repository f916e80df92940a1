import type { CommandMessage } from '../models/command.js';
import { commandFieldTable } from '../models/command-field-table.js';
import { parsePlainCommand } from '../models/plain-command.js';

const fieldOfName = new Map(
  Object.entries(commandFieldTable).map(([field, { wireName, fromWire }]) => [wireName, { field, fromWire }]),
);

/**
 * Returns the command that the schema would return, several times faster, for envelopes as this project writes them; undefined if the
 * schema has to decide.
 */
export function commandOfPlainEnvelope(
  envelope: Readonly<Record<string, unknown>>,
  defaults: () => { readonly requestId?: string; readonly timestamp?: Date },
): CommandMessage | undefined {
  const isComplete = isGiven(envelope.request_id) && isGiven(envelope.timestamp);
  const input: Record<string, unknown> = isComplete ? {} : { ...defaults() };
  for (const name in envelope) {
    const value = envelope[name];
    if (value === null) continue;
    const known = fieldOfName.get(name);
    if (known === undefined) return undefined;
    input[known.field] = known.fromWire === undefined ? value : known.fromWire(value);
  }
  return input.payload === undefined ? undefined : parsePlainCommand(input);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
