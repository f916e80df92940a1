// Measures the time of a check, with 10,000 devices of 20 types.
import { createCapabilities } from '../dist/index.js';

const types = Array.from({ length: 20 }, (_, index) => ({
  name: `type-${index}`,
  commands: {
    set_led: {
      mayBeRepeated: true,
      payload: {
        type: 'object',
        required: ['state'],
        additionalProperties: false,
        properties: {
          state: { enum: ['on', 'off'] },
          color: { type: 'string', pattern: '^#[0-9a-f]{6}$' },
          fadeMs: { type: 'integer', minimum: 0, maximum: 10_000 + index },
        },
      },
    },
  },
  settings: {},
}));
const typeNames = new Map(
  Array.from({ length: 10_000 }, (_, index) => [`device-${index}`, `type-${index % types.length}`]),
);
const capabilities = createCapabilities({ types, typeOf: (deviceId) => typeNames.get(deviceId) });
const payload = { state: 'on', color: '#00ff00', fadeMs: 250 };
const commands = [...typeNames.keys()].map((deviceId) => ({ deviceId, commandType: 'set_led', payload }));

for (let round = 1; round <= 5; round++) {
  const started = performance.now();
  for (let repeat = 0; repeat < 50; repeat++) {
    for (const command of commands) {
      if (capabilities.check(command) !== undefined) throw new Error('a command that fits was refused');
    }
  }
  const microseconds = ((performance.now() - started) * 1000) / (50 * commands.length);
  console.log(`round ${round}: ${microseconds.toFixed(3)} µs a command`);
}
