import type { CommandMessage, ProtocolFields } from './command.js';
import { commandFieldTable } from './command-field-table.js';
import { knownProtocols } from './protocols.js';

export type ProtocolField = keyof ProtocolFields;

/** The fields that belong to one protocol or another. */
export const protocolFieldNames = (Object.keys(commandFieldTable) as (keyof CommandMessage)[]).filter(
  (field): field is ProtocolField => commandFieldTable[field].protocols !== undefined,
);

const fieldsByProtocol: ReadonlyMap<string, readonly ProtocolField[]> = new Map(
  knownProtocols.map((protocol) => [
    protocol,
    protocolFieldNames.filter((field) => commandFieldTable[field].protocols?.includes(protocol)),
  ]),
);
const none: readonly ProtocolField[] = [];

/** Returns the fields that a command of this protocol may have; none for protocols that an application registers. */
export function fieldsOfProtocol(protocol: string): readonly ProtocolField[] {
  return fieldsByProtocol.get(protocol) ?? none;
}

/** Returns the protocols that a field belongs to. */
export function protocolsOfField(field: ProtocolField): readonly string[] {
  return commandFieldTable[field].protocols ?? [];
}

const bodilessMethods: ReadonlyMap<string, readonly string[]> = new Map([
  ['coap', ['GET', 'DELETE']],
  ['http', ['GET']],
]);

/** Returns whether requests with this method carry no payload (RFC 7252, section 5.8; RFC 9110, section 9.3.1). */
export function isBodilessMethod(protocol: string, method: string | undefined): boolean {
  return method !== undefined && bodilessMethods.get(protocol)?.includes(method) === true;
}
