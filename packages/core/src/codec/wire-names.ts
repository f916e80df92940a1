import { cancellationFields } from '../models/cancellation.js';
import { commandFields } from '../models/command-fields.js';
import { deviceSettingsFields } from '../models/device-settings.js';
import type { FieldTable } from '../models/field-table.js';
import { lifecycleEventFields } from '../models/lifecycle-event.js';

/** The names of a table's fields, in both directions. */
export interface WireNames {
  readonly nameOf: ReadonlyMap<string, string>;
  readonly fieldOf: ReadonlyMap<string, string>;
}

export const commandNames = wireNames(commandFields);
export const settingsNames = wireNames(deviceSettingsFields);
export const lifecycleEventNames = wireNames(lifecycleEventFields);
export const cancellationNames = wireNames(cancellationFields);

function wireNames(table: FieldTable): WireNames {
  const names = Object.entries(table).map(([field, { wireName }]) => [field, wireName] as const);
  return { nameOf: new Map(names), fieldOf: new Map(names.map(([field, name]) => [name, field])) };
}

/**
 * Splits an object with wire names: known fields under their TypeScript names (null means absent), and the others as they are.
 */
export function fromWireNames(
  wire: Readonly<Record<string, unknown>>,
  { fieldOf }: WireNames,
): { readonly known: Record<string, unknown>; readonly unknown: Record<string, unknown> } {
  const known: Record<string, unknown> = {};
  const unknown: [string, unknown][] = [];
  for (const [name, value] of Object.entries(wire)) {
    const field = fieldOf.get(name);
    if (field === undefined) unknown.push([name, value]);
    else if (value !== null) known[field] = value;
  }
  // fromEntries, unlike assignment, keeps a key named "__proto__" a plain key.
  return { known, unknown: Object.fromEntries(unknown) };
}

/** Returns an issue's path with the wire's name for its first step: `deviceId` becomes `device_id`. */
export function toWirePath(path: string, { nameOf }: WireNames): string {
  return path.replace(/^\w+/, (field) => nameOf.get(field) ?? field);
}
