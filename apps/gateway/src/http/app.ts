import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Caller } from '@preservarium/access';
import { exactNumbers } from '@preservarium/core';
import { type FastifyBaseLogger, type FastifyInstance, type FastifySchemaCompiler, fastify } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { GatewayLimits } from '../gateway-parts.js';
import { limitBodyTime } from './limit-body-time.js';
import { parseJsonBodies } from './parse-json-body.js';
import { refuseUnreadAddress, refuseUnreadRequest } from './refuse-unread-requests.js';

/** The Fastify of the gateway, whose schemas are zod's. */
export type GatewayApp = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Known after the authentication. */
    caller: Caller;
  }
}

const headersTimeoutMs = 10_000;
/** Node looks for requests past their deadlines this often; its default, 30 s, is longer than they are. */
const checkIntervalMs = 1_000;
const keepAliveTimeoutMs = 72_000;
const maxHeaderSize = 16_384;

/** Creates a Fastify with the limits, without routes. */
export function createApp({ maxBodyBytes, maxConnections }: GatewayLimits): GatewayApp {
  const app: GatewayApp = fastify({
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: true,
    // `guardRequests` answers with a problem.
    return503OnClosing: false,
    frameworkErrors: refuseUnreadAddress as never,
    clientErrorHandler: refuseUnreadRequest,
    // A batch may take long: `limitBodyTime` ends slow bodies.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: { maxHeaderSize, headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkIntervalMs },
    forceCloseConnections: 'idle',
    // Ids of devices and commands have at most 256 characters, which may take 12 in an address.
    routerOptions: { maxParamLength: 256 * 12 },
  }).withTypeProvider<ZodTypeProvider>();
  parseJsonBodies(app);
  limitBodyTime(app);
  app.server.maxConnections = maxConnections;
  app.setValidatorCompiler(checkInPackages);
  // The packages return what they say: a second check of each answer would only cost time.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(exactNumbers(answer)));
  return app;
}

/** Bodies go to the packages as they are, whose errors have places and say what is allowed; the rest is checked by its schema. */
const checkInPackages: FastifySchemaCompiler<z.ZodType> = (route) =>
  route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route);
