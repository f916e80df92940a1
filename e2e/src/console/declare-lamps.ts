import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from '../../../apps/gateway/test/start-gateway.js';

const types = {
  types: {
    lamp: {
      commands: {
        dim: {
          payload: {
            type: 'object',
            required: ['level'],
            properties: {
              level: { type: 'integer', minimum: 0, maximum: 100, description: 'In percent.' },
              mode: { enum: ['eco', 'bright'] },
            },
          },
          evidence: 'executed',
        },
      },
      settings: { rate: { type: 'integer', minimum: 1 }, led: { enum: ['on', 'off'] } },
    },
  },
};

/** Declares these devices as lamps. Returns the variables of a gateway that knows them, and no others. */
export function declareLamps(...deviceIds: readonly string[]): Readonly<Record<string, string>> {
  const folder = newFolder();
  const write = (name: string, content: object): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  return {
    GATEWAY_DEVICE_TYPES: write('types.yaml', types),
    GATEWAY_DEVICES: write('devices.yaml', Object.fromEntries(deviceIds.map((id) => [id, 'lamp']))),
  };
}
