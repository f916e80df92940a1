import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { commandBody } from '../http/command-body.js';
import { since } from '../http/since.js';
import { commandSchema } from '../schemas/command.js';
import { problems } from '../schemas/problem.js';
import { statesQuery } from '../schemas/states.js';
import { seenPage } from './seen-page.js';

const query = z.object({
  device: z.string().optional().describe('Only of this device.'),
  state: statesQuery,
  type: z.string().optional().describe('The command type.'),
  protocol: z.string().optional().describe('Only of this protocol.'),
  since: since.describe('Commands that came into their state at this time or later.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Largest number on a page.'),
  cursor: z.string().optional().describe('`cursor` of the page before.'),
});

/** `GET /v1/commands` */
export function addListCommands(
  app: GatewayApp,
  { store, authorizer }: Pick<GatewayParts, 'store' | 'authorizer'>,
): void {
  app.get(
    '/v1/commands',
    {
      schema: {
        operationId: 'listCommands',
        summary: 'List commands',
        description:
          'The newest first, by when they came into their state. Commands that the policy hides are left out; a page may have fewer than `limit`, and the cursor leads on.',
        tags: ['commands'],
        querystring: query,
        response: {
          200: z.object({
            commands: z.array(commandSchema),
            cursor: z.string().optional().describe('For the next page; absent on the last one.'),
          }),
          ...problems(400, 401, 403, 429, 503),
        },
      },
    },
    async ({ query: given, caller }) => {
      const { device, state, type, protocol, limit, cursor } = given;
      const asked = {
        ...{ deviceId: device, states: state, commandType: type, protocol, limit, cursor },
        since: given.since === undefined ? undefined : new Date(given.since),
      };
      const page = await seenPage(store, asked, ({ deviceId, commandType }) =>
        authorizer.allows({ caller, action: 'read', deviceId, commandType: commandType ?? null }),
      );
      return { commands: page.lifecycles.map(commandBody), cursor: page.cursor };
    },
  );
}
