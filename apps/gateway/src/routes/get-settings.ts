import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { HttpError } from '../http/problem.js';
import { settingsBody, settingsTag } from '../http/settings-body.js';
import { problems } from '../schemas/problem.js';
import { settingsSchema } from '../schemas/settings.js';

/** `GET /v1/devices/{id}/settings` */
export function addGetSettings(
  app: GatewayApp,
  { settings, authorizer }: Pick<GatewayParts, 'settings' | 'authorizer'>,
): void {
  app.get(
    '/v1/devices/:id/settings',
    {
      schema: {
        operationId: 'getSettings',
        summary: 'Get the settings of a device',
        description:
          'The desired settings, the reported ones and their difference. `ETag` names the version of the desired settings. Settings that the policy hides are left out.',
        tags: ['devices'],
        params: z.object({ id: z.string().describe('The device.') }),
        response: { 200: settingsSchema, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { id: deviceId }, caller }, reply) => {
      authorizer.assert({ caller, action: 'read', deviceId });
      const found = settings.getSettings(deviceId);
      if (found === undefined) throw withoutSettings(deviceId);
      const isVisible = (name: string) =>
        authorizer.allows({ caller, action: 'read', deviceId, settings: [name] });
      return reply.header('etag', settingsTag(found)).send(settingsBody(found, isVisible));
    },
  );
}

function withoutSettings(deviceId: string): HttpError {
  const detail = `device ${JSON.stringify(deviceId)} has no desired and no reported settings`;
  return new HttpError({ status: 404, code: 'NOT_FOUND', detail });
}
