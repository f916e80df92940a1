import { ConfigurationError, type JsonObject } from '@preservarium/core';
import type { CommandCapability, DeviceType, JsonSchema } from '../device-type.js';
import { createFormCheck } from '../form-check.js';
// As the W3C published it; see NOTICE.
import schema from './thing-description.schema.json' with { type: 'json' };
import { toJsonSchema } from './to-json-schema.js';

/** The terms of a Thing Description that are read; https://www.w3.org/TR/wot-thing-description11/#sec-core-vocabulary-definition */
interface ThingDescription {
  readonly title: string;
  readonly description?: string;
  readonly actions?: Readonly<Record<string, ActionAffordance>>;
  readonly properties?: Readonly<Record<string, JsonObject>>;
}

interface ActionAffordance {
  readonly description?: string;
  readonly input?: JsonObject;
  readonly output?: JsonObject;
  readonly safe?: boolean;
  readonly idempotent?: boolean;
}

const checkForm = createFormCheck<ThingDescription>(schema);

/** Names of the parts of a type in a Thing Description. */
export const thingDescriptionNames = {
  commands: 'actions',
  payload: 'input',
  result: 'output',
  settings: 'properties',
};

/** Every Thing Description has an `@context`, which nothing else here has. */
export function isThingDescription(content: unknown): boolean {
  return typeof content === 'object' && content !== null && '@context' in content;
}

/**
 * A W3C Thing Description 1.1 as a device type of the name of its title: actions are commands, properties that can be written
 * are settings.
 */
export function readThingDescription(content: unknown): DeviceType {
  const { title, description, actions = {}, properties = {} } = checkForm(content);
  if (title === '')
    throw new ConfigurationError('title: must not be empty: it is the name of the device type');
  const writable = Object.entries(properties).filter(([, { readOnly }]) => readOnly !== true);
  return {
    name: title,
    ...(description !== undefined && { description }),
    commands: Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, toCommand(action)])),
    settings: Object.fromEntries(
      writable.map(([name, property]): [string, JsonSchema] => [name, toJsonSchema(property)]),
    ),
  };
}

/** A safe action changes nothing, an idempotent one does when repeated what it did already. */
function toCommand({ description, input, output, safe, idempotent }: ActionAffordance): CommandCapability {
  return {
    ...(description !== undefined && { description }),
    ...(input && { payload: toJsonSchema(input) }),
    ...(output && { result: toJsonSchema(output) }),
    mayBeRepeated: safe === true || idempotent === true,
  };
}
