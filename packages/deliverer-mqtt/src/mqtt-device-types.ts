import {
  type CommandMessage,
  ConfigurationError,
  compileTopicTemplate,
  type TopicTemplate,
} from '@preservarium/core';
import {
  type CompiledWire,
  compileDeviceTypes as compileTypes,
  compileWire,
  type DeviceTypeRules,
  type DeviceTypes,
  findWire,
} from '@preservarium/deliverer';
import { mqttPresets } from './mqtt-presets.js';
import type { MqttWire } from './mqtt-wire.js';

/** A type of devices that have topics and payloads of their own. */
export interface MqttDeviceType extends DeviceTypeRules<MqttWire> {
  /** The name of known devices, whose rules the others here add to: `zigbee2mqtt`, `tasmota`, `shelly-gen2`, `esphome`. */
  readonly preset?: string;
}

/** The devices that do not have this project's own topics and payloads. */
export type MqttDeviceTypes = DeviceTypes<MqttDeviceType>;

export interface CompiledMqttWire extends CompiledWire {
  readonly topic: TopicTemplate | undefined;
  readonly answers: TopicTemplate | undefined;
}

export interface CompiledMqttDeviceTypes {
  /** The templates of the topics of commands and of answers, by their names in messages. */
  readonly filledTopics: Readonly<Record<string, string>>;
  readonly answerTopics: Readonly<Record<string, string>>;
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
  const compiled = compileTypes<MqttWire, MqttDeviceType, CompiledMqttWire>(
    { types },
    { protocol: 'mqtt', rulesOf: rulesWithPreset, compile },
  );
  const wires = [...compiled.values()].flatMap((commands) => [...commands.values()]);
  const answers = wires.flatMap((wire) => wire.answers ?? []);
  return {
    filledTopics: named(
      'topic',
      wires.flatMap((wire) => wire.topic ?? []),
    ),
    answerTopics: named('answer.topic', answers),
    answers,
    filters: [...new Set(answers.flatMap(({ filters }) => filters))],
    find: (command) => findWire(compiled, typeOf, command),
  };
}

function named(member: string, templates: readonly TopicTemplate[]): Record<string, string> {
  return Object.fromEntries(templates.map(({ text }) => [`${member}: ${text}`, text]));
}

function rulesWithPreset(
  { preset, commands: _, ...ofType }: MqttDeviceType,
  { place, commandType }: { readonly place: string; readonly commandType: string },
): MqttWire {
  const ofPreset = preset === undefined ? () => ({}) : mqttPresets[preset];
  if (ofPreset !== undefined) return { ...ofPreset(commandType), ...ofType };
  throw new ConfigurationError(
    `${place}.preset: "${preset}" is not one of ${Object.keys(mqttPresets).join(', ')}`,
  );
}

function compile({ topic, answer, ...others }: MqttWire): CompiledMqttWire {
  const { topic: answerTopic, ...rules } = answer ?? {};
  if (answer !== undefined && answerTopic === undefined)
    throw new Error('answer.topic: is required; for example "stat/{deviceId}/RESULT"');
  return {
    ...compileWire({ ...others, ...(answer !== undefined && { answer: rules }) }),
    topic: topic === undefined ? undefined : compileTopicTemplate('topic', topic),
    answers: answerTopic === undefined ? undefined : compileTopicTemplate('answer.topic', answerTopic),
  };
}
