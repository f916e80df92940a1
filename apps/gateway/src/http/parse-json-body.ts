import { keepPayloadSource, parseJson } from '@preservarium/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads bodies of JSON, and no others. Numbers of a payload reach the device as they are written in the body. */
export function parseJsonBodies(
  app: Pick<FastifyInstance, 'addContentTypeParser' | 'removeAllContentTypeParsers'>,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (request, body, done) => {
      try {
        done(null, parseBody(request, body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

function parseBody({ headers }: FastifyRequest, body: Buffer): unknown {
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding !== 'identity') {
    throw refused(415, `the body is compressed (Content-Encoding: ${encoding}); send it uncompressed`);
  }
  // Some clients name the type of a body that they do not send.
  if (body.length === 0) return undefined;
  try {
    const value = parseJson(utf8.decode(body));
    keepPayload(value, body);
    return value;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refused(400, `the body is not JSON in UTF-8: ${reason}`, cause);
  }
}

/** Nothing here changes the payload of a body: the push copies its bytes, and need not read it again to find out. */
function keepPayload(value: unknown, body: Buffer): void {
  if (typeof value !== 'object' || value === null || !('payload' in value)) return;
  const { payload } = value;
  if (typeof payload === 'object' && payload !== null) keepPayloadSource(payload, body);
}

/** As an error of Fastify: the API of the Python system has other answers. */
function refused(statusCode: number, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { statusCode });
}
