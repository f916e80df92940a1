import {
  type CommandMessage,
  ConfigurationError,
  compileTopicTemplate,
  type TopicTemplate,
} from '@preservarium/core';
import { type CompiledWire, compileWire, isSettingsCommand } from '@preservarium/deliverer';
import { mqttPresets } from './mqtt-presets.js';
import type { MqttWire } from './mqtt-wire.js';

/** A type of devices that have topics and payloads of their own. */
export interface MqttDeviceType extends MqttWire {
  /** The name of known devices, whose rules the others here add to: `zigbee2mqtt`, `tasmota`, `shelly-gen2`, `esphome`. */
  readonly preset?: string;
  /** The command types that the devices have; others are rejected. By its type, a command may have rules of its own. */
  readonly commands: Readonly<Record<string, MqttWire>>;
}

/** The devices that do not have this project's own topics and payloads. */
export interface MqttDeviceTypes {
  readonly types: Readonly<Record<string, MqttDeviceType>>;
  /** Returns the name of the type of a device; undefined for a device with this project's own topics and payloads. */
  typeOf(deviceId: string): string | undefined;
}

export interface CompiledMqttWire extends CompiledWire {
  readonly topic: TopicTemplate | undefined;
  readonly answers: TopicTemplate | undefined;
}

export interface CompiledMqttDeviceTypes {
  /** Topic filters of all answers. */
  readonly filters: readonly string[];
  /** The templates of all answers. */
  readonly answers: readonly TopicTemplate[];
  /** Returns the rules for a command; undefined for one that goes the usual way, text why it cannot go. */
  find(command: CommandMessage): CompiledMqttWire | string | undefined;
}

/** @throws ConfigurationError that names the type, the command and the mistake */
export function compileDeviceTypes(
  { types, typeOf }: MqttDeviceTypes = { types: {}, typeOf: () => undefined },
): CompiledMqttDeviceTypes {
  const compiled = new Map(Object.entries(types).map(([name, type]) => [name, compileType(name, type)]));
  const answers = [...compiled.values()]
    .flatMap((commands) => [...commands.values()])
    .flatMap((wire) => wire.answers ?? []);
  return {
    answers,
    filters: [...new Set(answers.flatMap(({ filters }) => filters))],
    find(command) {
      const name = isSettingsCommand(command) ? undefined : typeOf(command.deviceId);
      if (name === undefined) return undefined;
      const commands = compiled.get(name);
      if (commands === undefined) return undefined;
      return (
        commands.get(command.commandType) ??
        `devices of the type "${name}" have no command "${command.commandType}"`
      );
    },
  };
}

function compileType(
  name: string,
  { preset, commands, ...ofType }: MqttDeviceType,
): ReadonlyMap<string, CompiledMqttWire> {
  const ofPreset = preset === undefined ? {} : mqttPresets[preset];
  if (ofPreset === undefined) {
    throw new ConfigurationError(
      `the device type "${name}": mqtt.preset: "${preset}" is not one of ${Object.keys(mqttPresets).join(', ')}`,
    );
  }
  return new Map(
    Object.entries(commands).map(([commandType, ofCommand]) => [
      commandType,
      compileCommand(`the device type "${name}": mqtt.commands.${commandType}`, commandType, {
        ...ofPreset,
        ...ofType,
        ...ofCommand,
      }),
    ]),
  );
}

function compileCommand(place: string, commandType: string, wire: MqttWire): CompiledMqttWire {
  try {
    const { topic, answer, ...others } = withCommandType(wire, commandType);
    const { topic: answerTopic, ...rules } = answer ?? {};
    if (answer !== undefined && answerTopic === undefined)
      throw new Error('answer.topic: is required; for example "stat/{deviceId}/RESULT"');
    return {
      ...compileWire({ ...others, ...(answer !== undefined && { answer: rules }) }),
      topic: topic === undefined ? undefined : compileTopicTemplate('topic', topic),
      answers: answerTopic === undefined ? undefined : compileTopicTemplate('answer.topic', answerTopic),
    };
  } catch (cause) {
    throw new ConfigurationError(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Puts the type of the command into topics and pointers. A frame is filled for each command. */
function withCommandType({ frame, ...wire }: MqttWire, commandType: string): MqttWire {
  const filled: MqttWire = JSON.parse(JSON.stringify(wire), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('{commandType}', () => commandType) : value,
  );
  return { ...filled, ...(frame !== undefined && { frame }) };
}
