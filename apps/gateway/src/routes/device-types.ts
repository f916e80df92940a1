import type { DeviceType } from '@preservarium/capabilities';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { type DeviceTypeBody, deviceTypeSchema } from '../schemas/device-type.js';
import { problems } from '../schemas/problem.js';

const noArguments = { type: 'object', additionalProperties: false };

/** `GET /v1/device-types` */
export function addDeviceTypes(
  app: GatewayApp,
  { deviceTypes, authorizer }: Pick<GatewayParts, 'deviceTypes' | 'authorizer'>,
): void {
  app.get(
    '/v1/device-types',
    {
      schema: {
        operationId: 'listDeviceTypes',
        summary: 'List device types',
        description: 'The commands and settings of each declared type, as JSON Schema.',
        tags: ['devices'],
        response: {
          200: z.object({ device_types: z.array(deviceTypeSchema) }),
          ...problems(401, 403, 429, 503),
        },
      },
    },
    async ({ caller }) => {
      authorizer.assert({ caller, action: 'read' });
      return { device_types: deviceTypes.map(typeBody) };
    },
  );
}

function typeBody({ name, description, commands, settings }: DeviceType): DeviceTypeBody {
  const bodies = Object.entries(commands).map(([type, command]) => [
    type,
    {
      description: command.description,
      payload: command.payload ?? noArguments,
      result: command.result,
      evidence: command.evidence,
      answer_within_ms: command.timeoutMs,
      may_be_repeated: command.mayBeRepeated,
    },
  ]);
  return {
    name,
    description,
    commands: Object.fromEntries(bodies),
    settings: settings as DeviceTypeBody['settings'],
  };
}
