import { Readable } from 'node:stream';
import type { AccessRequest } from '@preservarium/access';
import { type LifecycleEvent, ValidationError } from '@preservarium/core';
import { z } from 'zod';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from '../http/app.js';
import { streamEvents } from '../http/event-stream.js';
import { HttpError } from '../http/problem.js';
import { whenLeft } from '../http/when-left.js';
import { problems } from '../schemas/problem.js';
import { statesQuery } from '../schemas/states.js';

const query = z.object({
  device: z.string().optional().describe('Only of this device.'),
  request: z.string().optional().describe('The request id.'),
  type: z.string().optional().describe('The command type.'),
  state: statesQuery,
});

const headers = z.object({
  'last-event-id': z
    .string()
    .optional()
    .describe('`id` of the last event that was read: the stream goes on after it. Default: it begins now.'),
});

/** `GET /v1/events` */
export function addEvents(
  app: GatewayApp,
  {
    events,
    finder,
    authorizer,
    stopping,
  }: Pick<GatewayParts, 'events' | 'finder' | 'authorizer' | 'stopping'>,
): void {
  app.get(
    '/v1/events',
    {
      // Its answer would not end.
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        summary: 'Follow lifecycle events',
        description:
          'Server-Sent Events, one for each lifecycle event: `event` is its state, `data` the event as JSON. After a reconnection with `Last-Event-ID` no event is missing; some may come again. A reader that is too slow is disconnected.',
        tags: ['events'],
        querystring: query,
        headers,
        produces: ['text/event-stream'],
        response: { 200: z.string(), ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { device, request: requestId, type, state } = request.query;
      const isWanted = (event: LifecycleEvent) =>
        (device === undefined || event.deviceId === device) &&
        (requestId === undefined || event.requestId === requestId) &&
        (type === undefined || event.commandType === type) &&
        (state === undefined || state.includes(event.state));
      const { caller } = request;
      const allows = (deviceId: string, commandType: AccessRequest['commandType']) =>
        authorizer.allows({ caller, action: 'read', deviceId, commandType });
      /** Answers that a connector hears without having the command do not name its type. */
      async function isAllowedByType({ deviceId, requestId }: LifecycleEvent): Promise<boolean> {
        const [command] = await finder.find({ deviceId, requestId });
        return command?.commandType !== undefined && allows(deviceId, command.commandType);
      }
      const isAllowed = (event: LifecycleEvent) => {
        const { deviceId, commandType = null } = event;
        if (allows(deviceId, commandType)) return true;
        return commandType === null && allows(deviceId, undefined) && isAllowedByType(event);
      };
      const signal = AbortSignal.any([stopping, whenLeft(reply)]);
      const after = request.headers['last-event-id'];
      const read = events.read({ after, signal });
      const frames = streamEvents(read, { isWanted: (event) => isWanted(event) && isAllowed(event), signal });
      // The first frame shows a position that is not valid, before the answer begins.
      const first = await frames.next().catch((error: unknown) => {
        throw ValidationError.isInstance(error) ? invalidPosition(error) : error;
      });
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream');
      return reply.send(Readable.from(withFirst(first, frames)) as never);
    },
  );
}

function invalidPosition({ issues: [issue] }: ValidationError): HttpError {
  const message = issue?.message ?? 'is not valid';
  return new HttpError({
    status: 400,
    code: 'VALIDATION_FAILED',
    detail: `invalid headers: Last-Event-ID: ${message}`,
    issues: [{ path: 'Last-Event-ID', message }],
  });
}

async function* withFirst(
  first: IteratorResult<string, void>,
  others: AsyncIterable<string>,
): AsyncGenerator<string, void> {
  if (first.done) return;
  yield first.value;
  yield* others;
}
