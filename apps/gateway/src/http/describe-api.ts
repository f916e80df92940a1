import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { describeTopics } from '../asyncapi/describe-topics.js';
import type { GatewayParts } from '../gateway-parts.js';
import type { GatewayApp } from './app.js';

/** Describes the routes as OpenAPI 3.1 at `/openapi.json`, for people at `/docs`, and the topics as AsyncAPI 3 at `/asyncapi.json`. Call it before the routes are added. */
export function describeApi(app: GatewayApp, { topics }: Pick<GatewayParts, 'topics'>): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Preservarium Pusher',
        description: 'Sends commands to IoT devices through Kafka, and tells their outcome.',
        version: '1',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      security: [{ bearer: [] }, { apiKey: [] }],
      tags: [
        { name: 'commands', description: 'Push, follow and cancel commands.' },
        { name: 'dead letters', description: 'Commands that were given up.' },
        { name: 'devices', description: 'Settings, types and what is known of devices.' },
        { name: 'events', description: 'Follow lifecycle events.' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key, or a token of OpenID Connect.',
          },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' },
        },
      },
    },
    transform: ({ schema, url, ...others }) =>
      jsonSchemaTransform({ schema, url: templateOf(url), ...others }),
    transformObject: (document) => tidy(jsonSchemaTransformObject(document) as Document),
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger() as never);
  const asyncApi = describeTopics(topics);
  app.get('/asyncapi.json', { schema: { hide: true } }, () => asyncApi);
  // The page and its scripts come from this gateway; it may be read by everyone, as the description itself.
  app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}

const colon = '__colon__';

/** `:id(^.+)::cancel` of the router is to become `{id}:cancel`. */
function templateOf(url: string): string {
  return url.replaceAll('(^.+)', '').replaceAll('::', colon);
}

interface Document {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

/** Puts the colons where they belong, and leaves out the schemas that nothing refers to. */
function tidy(generated: Document): never {
  // The reference into the shared definitions has a second "#", which leads nowhere.
  const text = JSON.stringify(generated).replaceAll('__shared#/', '__shared/');
  const document = JSON.parse(text) as Document;
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [
    path.replace(new RegExp(`${colon}(\\w+)(\\}?)$`), '$2:$1'),
    item,
  ]);
  const schemas = Object.entries(document.components?.schemas ?? {}).filter(([name]) =>
    [`${name}"`, `${name}/`].some((end) => text.includes(`"#/components/schemas/${end}`)),
  );
  return {
    ...document,
    components: { ...document.components, schemas: Object.fromEntries(schemas) },
    paths: Object.fromEntries(paths),
  } as never;
}
