import {
  CapabilityError,
  type CapabilityIssue,
  ConfigurationError,
  formatPath,
  type JsonObject,
} from '@preservarium/core';
import type { Capabilities, CapabilitiesOptions } from './capabilities.js';
import { type CompiledCommand, type CompiledDeviceType, compileDeviceType } from './compile-device-type.js';
import type { SchemaCheck } from './compile-schema.js';
import { suggestNames } from './did-you-mean.js';
import { furtherIssues, maxIssues, schemaIssues } from './schema-issues.js';
import { excessOf } from './value-bounds.js';

/**
 * Compiles the schemas of all types, once.
 *
 * ```ts
 * const capabilities = createCapabilities({
 *   types: readDeviceTypes('lamp.yaml'),
 *   typeOf: deviceTypesFromFile('devices.yaml'),
 * });
 * const service = createPusherService({ backend, capabilities });
 * ```
 *
 * @throws ConfigurationError when a schema is not valid, or two types have one name
 */
export function createCapabilities({
  types,
  typeOf,
  unknownDevices = 'refuse',
}: CapabilitiesOptions): Capabilities {
  const compiled = new Map<string, CompiledDeviceType>();
  for (const type of types) {
    if (compiled.has(type.name))
      throw new ConfigurationError(`two device types have the name "${type.name}"`);
    compiled.set(type.name, compileDeviceType(type));
  }

  /** The type of a device, or why it is not to be had; undefined for a device that may do anything. */
  function find(deviceId: string): CompiledDeviceType | CapabilityError | undefined {
    const name = typeOf(deviceId);
    if (name === undefined) {
      if (unknownDevices === 'allow') return undefined;
      const message = 'is not in the directory of devices, and unknown devices are refused';
      return mismatch(deviceId, { path: 'deviceId', rule: 'devices', message });
    }
    const type = compiled.get(name);
    if (type !== undefined) return type;
    const message = `is of the type "${name}", which is not declared${suggestNames(name, [...compiled.keys()])}`;
    return mismatch(deviceId, { path: 'deviceId', rule: 'types', message });
  }

  function findCommand(deviceId: string, commandType: string): CompiledCommand | CapabilityError | undefined {
    const type = find(deviceId);
    if (type === undefined || type instanceof CapabilityError) return type;
    const command = type.commands.get(commandType);
    if (command !== undefined) return command;
    const allowed = suggestNames(commandType, [...type.commands.keys()]);
    const message = `"${commandType}" is not a command of ${type.name}${allowed}`;
    return mismatch(deviceId, { path: 'commandType', rule: 'commands', message });
  }

  return {
    check({ deviceId, commandType, payload }) {
      const command = findCommand(deviceId, commandType);
      if (command === undefined || command instanceof CapabilityError) return command;
      return mismatchOf(deviceId, issuesOf(command.payload, payload, ['payload']));
    },
    checkSettings({ deviceId, settings }) {
      const type = find(deviceId);
      if (type === undefined || type instanceof CapabilityError) return type;
      return mismatchOf(deviceId, issuesOfSettings(type, settings));
    },
    checkResult({ deviceId, commandType, result }) {
      const command = findCommand(deviceId, commandType);
      if (command === undefined || command instanceof CapabilityError) return command;
      if (command.result === undefined) return undefined;
      return mismatchOf(deviceId, issuesOf(command.result, result, ['result']));
    },
    knowsDevice(deviceId) {
      const name = typeOf(deviceId);
      return name !== undefined && compiled.has(name);
    },
    find(deviceId, commandType) {
      const name = typeOf(deviceId);
      return name === undefined ? undefined : compiled.get(name)?.commands.get(commandType)?.capability;
    },
  };
}

function issuesOfSettings(type: CompiledDeviceType, settings: JsonObject): readonly CapabilityIssue[] {
  const excess = excessIssues(settings, ['settings']);
  if (excess.length > 0) return excess;
  const issues: CapabilityIssue[] = [];
  let further = 0;
  for (const [name, value] of Object.entries(settings)) {
    if (issues.length < maxIssues) issues.push(...settingIssues(type, name, value));
    else if (!fits(type, name, value)) further++;
  }
  further += Math.max(0, issues.length - maxIssues);
  if (further <= 1) return issues;
  return [...issues.slice(0, maxIssues), furtherIssues(further, ['settings'])];
}

function fits({ settings }: CompiledDeviceType, name: string, value: unknown): boolean {
  const check = settings.get(name);
  return check !== undefined && (value === null || check.fits(value));
}

function settingIssues(
  { name: typeName, settings }: CompiledDeviceType,
  name: string,
  value: unknown,
): readonly CapabilityIssue[] {
  const check = settings.get(name);
  if (check !== undefined) return value === null ? [] : issuesOf(check, value, ['settings', name]);
  const message = `"${name}" is not a setting of ${typeName}${suggestNames(name, [...settings.keys()])}`;
  return [{ path: 'settings', rule: 'settings', message }];
}

function issuesOf(
  { errorsOf }: SchemaCheck,
  value: unknown,
  place: readonly string[],
): readonly CapabilityIssue[] {
  const excess = excessIssues(value, place);
  return excess.length > 0 ? excess : schemaIssues(errorsOf(value), place);
}

function excessIssues(value: unknown, place: readonly string[]): readonly CapabilityIssue[] {
  const message = excessOf(value);
  return message === undefined ? [] : [{ path: formatPath(place), rule: '#', message }];
}

function mismatchOf(deviceId: string, issues: readonly CapabilityIssue[]): CapabilityError | undefined {
  return issues.length === 0 ? undefined : mismatch(deviceId, ...issues);
}

function mismatch(deviceId: string, ...issues: readonly CapabilityIssue[]): CapabilityError {
  return new CapabilityError(deviceId, issues);
}
