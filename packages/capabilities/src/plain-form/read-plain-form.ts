import type { CommandCapability, DeviceType, JsonSchema } from '../device-type.js';
import { createFormCheck } from '../form-check.js';
import schema from './device-types.schema.json' with { type: 'json' };

interface PlainForm {
  readonly types: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly commands?: Readonly<Record<string, Partial<CommandCapability>>>;
        readonly settings?: Readonly<Record<string, JsonSchema>>;
      }
    >
  >;
}

const checkForm = createFormCheck<PlainForm>(schema);

/** The form of this project: `{ types: { lamp: { commands: { set_led: { payload: … } }, settings: { … } } } }`. */
export function readPlainForm(content: unknown): DeviceType[] {
  return Object.entries(checkForm(content).types).map(
    ([name, { commands = {}, settings = {}, ...type }]) => ({
      name,
      ...type,
      commands: Object.fromEntries(
        Object.entries(commands).map(([commandType, command]) => [
          commandType,
          { mayBeRepeated: false, ...command },
        ]),
      ),
      settings,
    }),
  );
}
