import { type Protocol, ValidationError } from '@preservarium/core';
import type { DesiredSettings } from '@preservarium/settings';
import { z } from 'zod';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { versionOfIfMatch } from '../http/if-match.js';
import { issuerOf } from '../http/issued-command.js';
import { settingsBody, settingsTag } from '../http/settings-body.js';
import { problems } from '../schemas/problem.js';
import { settingsDocumentSchema, settingsPatchSchema, settingsSchema } from '../schemas/settings.js';

const shared = {
  tags: ['devices'],
  params: z.object({ id: z.string().describe('The device.') }),
  querystring: z.object({
    protocol: z
      .string()
      .optional()
      .describe(
        'Protocol whose connector brings the settings to the device. Default: unchanged, at first `mqtt`.',
      ),
  }),
  headers: z.object({
    'if-match': z
      .string()
      .optional()
      .describe('`ETag` of the settings that the change is meant for; another version is refused with 412.'),
  }),
  response: {
    200: settingsSchema.describe('Kafka has the change, and no other change came in between.'),
    ...problems(400, 401, 403, 412, 413, 415, 422, 429, 503, 504),
  },
};

const methods = [
  {
    method: 'PUT',
    replaces: true,
    operationId: 'replaceSettings',
    summary: 'Replace the desired settings of a device',
    description:
      'The body takes the place of all desired settings. Answers once Kafka has the change, and it counts.',
    consumes: ['application/json'],
    body: settingsDocumentSchema,
  },
  {
    method: 'PATCH',
    replaces: false,
    operationId: 'changeSettings',
    summary: 'Change desired settings of a device',
    description:
      'The body is a JSON merge patch (RFC 7396). Answers once Kafka has the change, and it counts.',
    consumes: ['application/merge-patch+json', 'application/json'],
    body: settingsPatchSchema,
  },
] as const;

/** `PUT` and `PATCH /v1/devices/{id}/settings` */
export function addChangeSettings(
  app: GatewayApp,
  { settings, authorizer }: Pick<GatewayParts, 'settings' | 'authorizer'>,
  { pushTimeoutMs: timeoutMs }: Pick<GatewayLimits, 'pushTimeoutMs'>,
): void {
  for (const { method, replaces, consumes, ...schema } of methods) {
    app.route({
      method,
      url: '/v1/devices/:id/settings',
      schema: { ...shared, ...schema, consumes: [...consumes] },
      handler: async (
        { params: { id: deviceId }, query: { protocol }, headers, body: given, caller },
        reply,
      ) => {
        const document = documentOf(given);
        const assertAllowed = (before: DesiredSettings) => {
          const isMoved = protocol !== undefined && protocol !== before.protocol;
          // A replacement also removes settings, and another protocol brings all of them to the device.
          const names = Object.keys(replaces || isMoved ? { ...before.settings, ...document } : document);
          authorizer.assert({ caller, action: 'push', deviceId, settings: names });
        };
        const {
          desired = {},
          protocol: known = 'mqtt',
          desiredVersion,
        } = settings.getSettings(deviceId) ?? {};
        assertAllowed({ settings: desired, protocol: known });
        const ifVersion = versionOfIfMatch(headers['if-match'], desiredVersion);
        await settings.pushSettings(deviceId, document, {
          replaces,
          protocol: protocol as Protocol | undefined,
          ifVersion,
          timeoutMs,
          issuedBy: issuerOf(caller),
          assertAllowed,
        });
        const changed = settings.getSettings(deviceId);
        if (changed === undefined) throw new Error('settings that were pushed are not known');
        return reply.header('etag', settingsTag(changed)).send(settingsBody(changed));
      },
    });
  }
}

function documentOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Readonly<Record<string, unknown>>;
  throw new ValidationError('settings', [{ path: '', message: 'must be a JSON object' }]);
}
