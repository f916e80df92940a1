import { ConfigurationError, type JsonObject } from '@preservarium/core';
import type { CommandCapability, DeviceType, JsonSchema } from '../device-type.js';
import { createFormCheck, type FormCheckOptions } from '../form-check.js';
import { readSchema, type WarnOfTerm } from '../read-schema.js';
// As the W3C published it; see NOTICE.
import schema from './thing-description.schema.json' with { type: 'json' };
import { isThingModel, unreadPartsOf } from './unread-parts.js';

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
 * are settings. Terms of other vocabularies are ignored, and so are mistakes in parts that are not read, such as forms.
 *
 * @param warn as in `readSchema`; absent: a mistake in any part is an error
 * @throws ConfigurationError with each place where the content is no Thing Description
 */
export function readThingDescription(content: unknown, warn: WarnOfTerm | undefined): DeviceType {
  const read = (schema: JsonObject, ...place: string[]) =>
    readSchema(schema, place, { warn, isOfThing: true }) as JsonObject;

  if (isThingModel(content)) {
    throw new ConfigurationError(
      '@type: is tm:ThingModel, a template whose references and placeholders are open; give a Thing Description that was made of it',
    );
  }
  const passingOver: FormCheckOptions = warn
    ? {
        isPassedOver: unreadPartsOf(content),
        warn: (path, explain) => warn(path, () => `${explain()}; this part is not read`),
      }
    : {};
  const { title, description, actions = {}, properties = {} } = checkForm(content, passingOver);
  if (title === '')
    throw new ConfigurationError('title: must not be empty: it is the name of the device type');
  const writable = Object.entries(properties).filter(([, { readOnly }]) => readOnly !== true);
  return {
    name: title,
    ...(description !== undefined && { description }),
    commands: Object.fromEntries(
      Object.entries(actions).map(([name, { input, output, ...action }]) => [
        name,
        {
          ...toCommand(action),
          ...(input && { payload: read(input, 'actions', name, 'input') }),
          ...(output && { result: read(output, 'actions', name, 'output') }),
        },
      ]),
    ),
    settings: Object.fromEntries(
      writable.map(([name, property]): [string, JsonSchema] => [name, read(property, 'properties', name)]),
    ),
  };
}

/** A safe action changes nothing, an idempotent one does when repeated what it did already. */
function toCommand({ description, safe, idempotent }: ActionAffordance): CommandCapability {
  return {
    ...(description !== undefined && { description }),
    mayBeRepeated: safe === true || idempotent === true,
  };
}
