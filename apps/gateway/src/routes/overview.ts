import { commandStates } from '@preservarium/core';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { createOverview } from '../overview/overview.js';
import { problems } from '../schemas/problem.js';

const counts = z.partialRecord(z.enum(commandStates), z.int());

const overviewSchema = z
  .object({
    at: z.iso.datetime(),
    states: counts.describe('Commands in each state; a state without any is absent.'),
    last_minute: counts.describe(
      'Commands that came into the state in which they are within the last minute.',
    ),
    latency_ms: z
      .object({ p50: z.number(), p99: z.number(), count: z.int() })
      .optional()
      .describe(
        'Time from the push to the first proof that the device side has the command, in milliseconds: of the last 500 commands at most that arrived within five minutes. Absent without any.',
      ),
    connectors: z
      .array(
        z.object({
          protocol: z.string(),
          group: z.string().describe('The consumer group.'),
          lag: z
            .int()
            .optional()
            .describe('Commands that the group has not read; absent where it has never read any.'),
          members: z
            .int()
            .optional()
            .describe('Connectors in the group; absent where the Kafka client cannot tell.'),
          waiting: z.int().describe('Commands that wait for their devices.'),
        }),
      )
      .describe('The connectors of each protocol.'),
  })
  .meta({ id: 'Overview', title: 'Overview' });

/** `GET /v1/overview` */
export function addOverview(
  app: GatewayApp,
  { store, connectorLags }: Pick<GatewayParts, 'store' | 'connectorLags'>,
): void {
  const overview = createOverview({ store, connectorLags });
  app.get(
    '/v1/overview',
    {
      schema: {
        operationId: 'getOverview',
        summary: 'Get the overview',
        description:
          'Counts over the commands of all devices, which every caller may see. At most a second old.',
        tags: ['commands'],
        response: { 200: overviewSchema, ...problems(401, 429, 503) },
      },
    },
    async () => {
      const { at, states, lastMinute, latency, connectors } = await overview();
      return {
        at: at.toISOString(),
        states,
        last_minute: lastMinute,
        latency_ms: latency && { p50: latency.p50Ms, p99: latency.p99Ms, count: latency.count },
        connectors: connectors.map(({ protocol, groupId, lag, members, waiting }) => ({
          ...{ protocol, group: groupId, lag, members, waiting },
        })),
      };
    },
  );
}
