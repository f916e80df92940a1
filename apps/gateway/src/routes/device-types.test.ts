import { expect, test } from 'vitest';
import { createWorld } from '../../test/world.js';

test('device types have their commands and settings as JSON Schema', async () => {
  const payload = { type: 'object', properties: { on: { type: 'boolean' } } };
  const lamp = {
    name: 'lamp',
    commands: { set_led: { payload, mayBeRepeated: true, timeoutMs: 500 }, blink: { mayBeRepeated: false } },
    settings: { rate: { type: 'integer' } },
  };
  const { ask } = await createWorld({ parts: { deviceTypes: [lamp] } });
  expect((await ask('GET', '/v1/device-types')).body).toEqual({
    device_types: [
      {
        name: 'lamp',
        commands: {
          set_led: { payload, answer_within_ms: 500, may_be_repeated: true },
          blink: { payload: { type: 'object', additionalProperties: false }, may_be_repeated: false },
        },
        settings: { rate: { type: 'integer' } },
      },
    ],
  });
});
