import type { JsonObject } from '@preservarium/core';
import type { CommandCapability, DeviceType, JsonSchema } from '../device-type.js';
import { createFormCheck } from '../form-check.js';
import { readSchema, type WarnOfTerm } from '../read-schema.js';
import schema from './device-types.schema.json' with { type: 'json' };

interface PlainForm {
  readonly types: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly mqtt?: JsonObject;
        readonly http?: JsonObject;
        readonly coap?: JsonObject;
        readonly commands?: Readonly<Record<string, Partial<CommandCapability>>>;
        readonly settings?: Readonly<Record<string, JsonSchema>>;
      }
    >
  >;
}

const checkForm = createFormCheck<PlainForm>(schema);

/**
 * The form of this project: `{ types: { lamp: { commands: { set_led: { payload: … } }, settings: { … } } } }`.
 *
 * @param warn as in `readSchema`
 */
export function readPlainForm(content: unknown, warn: WarnOfTerm | undefined): DeviceType[] {
  const read = <Schema extends JsonSchema>(schema: Schema, ...place: string[]) =>
    readSchema(schema, ['types', ...place], { warn }) as Schema;
  return Object.entries(checkForm(content).types).map(
    ([name, { commands = {}, settings = {}, ...type }]) => ({
      name,
      ...type,
      commands: Object.fromEntries(
        Object.entries(commands).map(([commandType, { payload, result, ...command }]) => [
          commandType,
          {
            mayBeRepeated: false,
            ...command,
            ...(payload && {
              payload: read(payload as JsonObject, name, 'commands', commandType, 'payload'),
            }),
            ...(result !== undefined && { result: read(result, name, 'commands', commandType, 'result') }),
          },
        ]),
      ),
      settings: Object.fromEntries(
        Object.entries(settings).map(([setting, schema]) => [
          setting,
          read(schema, name, 'settings', setting),
        ]),
      ),
    }),
  );
}
