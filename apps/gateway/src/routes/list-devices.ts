import { z } from 'zod';
import { describeDevice } from '../devices/describe-device.js';
import { seenDeviceIds } from '../devices/seen-device-ids.js';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { deviceSchema } from '../schemas/device.js';
import { problems } from '../schemas/problem.js';

const query = z.object({
  prefix: z.string().optional().describe('Only devices whose id begins so.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Largest number on a page.'),
  cursor: z.string().optional().describe('`cursor` of the page before.'),
});

/** `GET /v1/devices` */
export function addListDevices(
  app: GatewayApp,
  parts: Pick<GatewayParts, 'store' | 'settings' | 'directory' | 'authorizer'>,
): void {
  const { authorizer } = parts;
  app.get(
    '/v1/devices',
    {
      schema: {
        operationId: 'listDevices',
        summary: 'List devices',
        description:
          'Devices that have commands, settings or a type, by their ids. Devices that the policy hides are left out; a page may have fewer than `limit`, and the cursor leads on.',
        tags: ['devices'],
        querystring: query,
        response: {
          200: z.object({
            devices: z.array(deviceSchema),
            cursor: z.string().optional().describe('For the next page; absent on the last one.'),
          }),
          ...problems(400, 401, 403, 429, 503),
        },
      },
    },
    async ({ query: { prefix, limit, cursor: after }, caller }) => {
      const page = await seenDeviceIds(parts, { prefix, limit, after }, (deviceId) =>
        authorizer.allows({ caller, action: 'read', deviceId }),
      );
      const devices = await Promise.all(
        page.ids.map((deviceId) =>
          describeDevice(parts, deviceId, ({ commandType }) =>
            authorizer.allows({ caller, action: 'read', deviceId, commandType: commandType ?? null }),
          ),
        ),
      );
      return {
        devices: devices.filter((device) => device !== undefined),
        cursor: page.cursor,
      };
    },
  );
}
