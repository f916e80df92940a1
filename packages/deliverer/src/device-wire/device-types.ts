import { type CommandMessage, ConfigurationError } from '@preservarium/core';
import { isSettingsCommand } from '../is-settings-command.js';

/** Rules for the devices of one type, over one protocol. */
export type DeviceTypeRules<Wire> = Wire & {
  /** The command types that the devices have; others are rejected. By its type, a command may have rules of its own. */
  readonly commands: Readonly<Record<string, Wire>>;
};

/** The devices that do not take commands in the form of this project. */
export interface DeviceTypes<Type> {
  readonly types: Readonly<Record<string, Type>>;
  /** Returns the name of the type of a device; undefined for a device that takes commands in the form of this project. */
  typeOf(deviceId: string): string | undefined;
}

/** The compiled rules of each command type, by the name of the type. */
export type CompiledDeviceTypes<Compiled> = ReadonlyMap<string, ReadonlyMap<string, Compiled>>;

/**
 * Compiles the rules for each command of each type.
 *
 * @param options.compile may throw an Error that names the part and says what is wrong
 * @throws ConfigurationError that names the type, the command and the mistake
 */
export function compileDeviceTypes<Wire extends object, Type extends DeviceTypeRules<Wire>, Compiled>(
  { types }: Pick<DeviceTypes<Type>, 'types'>,
  {
    protocol,
    rulesOf = ({ commands: _, ...ofType }) => ofType as unknown as Wire,
    compile,
  }: {
    readonly protocol: string;
    /** Returns the rules of a type for a command, without those of the command itself. */
    readonly rulesOf?: (
      type: Type,
      command: { readonly place: string; readonly commandType: string },
    ) => Wire;
    readonly compile: (wire: Wire) => Compiled;
  },
): CompiledDeviceTypes<Compiled> {
  const compileCommand = (place: string, wire: Wire): Compiled => {
    try {
      return compile(wire);
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError(`${place}: ${problem}`, { cause });
    }
  };
  return new Map(
    Object.entries(types).map(([name, type]) => {
      const place = `the device type "${name}": ${protocol}`;
      const compiled = Object.entries<Wire>(type.commands).map(([commandType, ofCommand]) => {
        const ofType = rulesOf(type, { place, commandType });
        const wire = withCommandType({ ...ofType, ...ofCommand }, commandType);
        return [commandType, compileCommand(`${place}.commands.${commandType}`, wire)] as const;
      });
      return [name, new Map(compiled)];
    }),
  );
}

/** Returns the rules for a command; undefined for one that goes the usual way, text why it cannot go. */
export function findWire<Compiled extends object>(
  compiled: CompiledDeviceTypes<Compiled>,
  typeOf: (deviceId: string) => string | undefined,
  command: CommandMessage,
): Compiled | string | undefined {
  const name = isSettingsCommand(command) ? undefined : typeOf(command.deviceId);
  const commands = name === undefined ? undefined : compiled.get(name);
  if (commands === undefined) return undefined;
  const { commandType } = command;
  return commands.get(commandType) ?? `devices of the type "${name}" have no command "${commandType}"`;
}

/** Puts the type of the command into templates and pointers. A frame is filled for each command. */
function withCommandType<Wire extends object>(wire: Wire, commandType: string): Wire {
  const { frame, ...others } = wire as Wire & { readonly frame?: unknown };
  const filled = JSON.parse(JSON.stringify(others), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('{commandType}', () => commandType) : value,
  );
  return { ...filled, ...(frame !== undefined && { frame }) };
}
