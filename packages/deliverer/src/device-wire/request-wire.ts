import type { CommandMessage } from '@preservarium/core';
import type { DeviceReport } from '../deliverer.js';
import { compileDeviceTypes, type DeviceTypeRules, type DeviceTypes, findWire } from './device-types.js';
import { type CompiledWire, compileWire, type DeviceAnswerRules, type DeviceWire } from './device-wire.js';

/** How a device with a server of its own wants its requests, and answers them in its responses. */
export interface RequestWire extends Omit<DeviceWire, 'answer'> {
  /** The path of a command that names none: a template with `{deviceId}`, `{requestId}` and `{commandType}`, each percent-encoded. Default: that of the directory. */
  readonly path?: string;
  /** The method of a command that names none. Default `POST`. */
  readonly method?: 'POST' | 'PUT';
  /** How a response of success is read. A response belongs to its request, so there is nothing to match. Default: it has the result, whatever it says. */
  readonly answer?: Omit<DeviceAnswerRules, 'match'>;
}

export type RequestDeviceType = DeviceTypeRules<RequestWire>;
export type RequestDeviceTypes = DeviceTypes<RequestDeviceType>;

export interface CompiledRequestWire extends CompiledWire {
  /** Returns the command with the path and the method of its device, where it names none. */
  address(command: CommandMessage): CommandMessage;
}

/**
 * Returns the function that finds the rules for a command: undefined for one that goes the usual way, text why it cannot go.
 *
 * @throws ConfigurationError that names the type, the command and the mistake
 */
export function compileRequestTypes(
  protocol: string,
  { types, typeOf }: RequestDeviceTypes = { types: {}, typeOf: () => undefined },
): (command: CommandMessage) => CompiledRequestWire | string | undefined {
  const compiled = compileDeviceTypes({ types }, { protocol, compile: compileRequest });
  return (command) => findWire(compiled, typeOf, command);
}

const placeholder = /\{(\w*)\}/g;
const ids = ['deviceId', 'requestId', 'commandType'] as const;

function compileRequest({ path, method, ...wire }: RequestWire): CompiledRequestWire {
  const problem = path === undefined ? undefined : pathProblem(path);
  if (problem !== undefined) throw new Error(`path: "${path}" ${problem}; for example "/rpc/{commandType}"`);
  return {
    ...compileWire(wire),
    address: (command) => ({
      ...command,
      path: command.path ?? (path === undefined ? undefined : fill(path, command)),
      method: command.method ?? method,
    }),
  };
}

function pathProblem(path: string): string | undefined {
  if (!/^\/(?!\/)[^\s#]*$/.test(path)) return 'must begin with one "/" and have no space and no "#"';
  const unknown = [...path.matchAll(placeholder)].find(([, name]) => !ids.some((id) => id === name));
  return unknown && `has ${unknown[0]}, which is not one of ${ids.map((id) => `{${id}}`).join(', ')}`;
}

function fill(path: string, command: CommandMessage): string {
  return path.replace(placeholder, (_, name) =>
    encodeURIComponent(command[name as (typeof ids)[number]].toWellFormed()),
  );
}

/** Returns what a response of success says of its command; undefined where the rules do not say, and it has the result. */
export function judgeResponse(
  wire: CompiledRequestWire | undefined,
  bytes: Buffer | undefined,
  command: CommandMessage,
): DeviceReport | undefined {
  const said = bytes && wire?.judge?.(bytes, command);
  return said && { deviceId: command.deviceId, requestId: command.requestId, ...said };
}

/**
 * Returns that a command has failed, where an answer with the status of an internal error fits the condition of a failure: many devices answer so to a
 * command that they will never execute. Otherwise undefined.
 */
export function judgeInternalError(
  wire: CompiledRequestWire | undefined,
  bytes: Buffer | undefined,
  command: CommandMessage,
): DeviceReport | undefined {
  const said = judgeResponse(wire, bytes, command);
  return said?.state === 'failed' ? said : undefined;
}
