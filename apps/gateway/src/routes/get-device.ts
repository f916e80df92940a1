import { z } from 'zod';
import { describeDevice } from '../devices/describe-device.js';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { HttpError } from '../http/problem.js';
import { deviceSchema } from '../schemas/device.js';
import { problems } from '../schemas/problem.js';

/** `GET /v1/devices/{id}` */
export function addGetDevice(
  app: GatewayApp,
  parts: Pick<GatewayParts, 'store' | 'settings' | 'directory' | 'authorizer'>,
): void {
  const { authorizer } = parts;
  app.get(
    '/v1/devices/:id',
    {
      schema: {
        operationId: 'getDevice',
        summary: 'Get a device',
        description: 'Its type, its newest sign, the commands that wait for it and its last outcomes.',
        tags: ['devices'],
        params: z.object({ id: z.string().describe('The device.') }),
        response: { 200: deviceSchema, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { id: deviceId }, caller }) => {
      authorizer.assert({ caller, action: 'read', deviceId });
      const device = await describeDevice(parts, deviceId, ({ commandType }) =>
        authorizer.allows({ caller, action: 'read', deviceId, commandType: commandType ?? null }),
      );
      if (device !== undefined) return device;
      const detail = `nothing is known of device ${JSON.stringify(deviceId)}`;
      throw new HttpError({ status: 404, code: 'NOT_FOUND', detail });
    },
  );
}
