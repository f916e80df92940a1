import { createRateLimitedLog, type Logger } from '@preservarium/backend';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError, toHttpError } from './problem.js';

/** Answers each failure as a problem (RFC 9457). */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  const warnings = createRateLimitedLog(logger);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = request.is404
      ? withoutRoute(request)
      : (fromFastify(error, request) ?? toHttpError(error));
    if (answer.problem.status >= 500) {
      const { method, routeOptions } = request;
      warnings.warn(`a request failed: ${answer.problem.code}`, {
        err: error,
        method,
        route: routeOptions.url,
      });
    }
    return sendProblem(reply, answer);
  });
  app.setNotFoundHandler((request: FastifyRequest, reply) => sendProblem(reply, withoutRoute(request)));
}

function withoutRoute({ method, url }: FastifyRequest): HttpError {
  const detail = `there is no route ${method} ${url.split('?', 1)[0]}; /openapi.json lists all of them`;
  return new HttpError({ status: 404, code: 'NOT_FOUND', detail });
}

export function sendProblem(reply: FastifyReply, { problem, retryAfterSeconds }: HttpError): FastifyReply {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // As bytes: Fastify adds a charset to text, which this type does not have.
  const body = Buffer.from(JSON.stringify(problem));
  return reply.code(problem.status).header('content-type', 'application/problem+json').send(body);
}

/** Fastify's own errors: a body that is too large or no JSON, a parameter that breaks its schema. */
function fromFastify(error: FastifyError, request: FastifyRequest): HttpError | undefined {
  if (error.validation !== undefined) {
    const issues = error.validation.map(({ instancePath, message = 'is not valid' }) => ({
      path: instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message,
    }));
    const detail = `invalid ${error.validationContext ?? 'request'}: ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`;
    return new HttpError({ status: 400, code: 'VALIDATION_FAILED', detail, issues });
  }
  if (error.statusCode === undefined || error.statusCode >= 500) return undefined;
  const code = codeOf[error.statusCode] ?? 'VALIDATION_FAILED';
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const { 'content-type': type = 'none' } = request.headers;
    const allowed = request.routeOptions.schema?.consumes?.join(', ') ?? 'application/json';
    const detail = `the Content-Type of the body is ${type.slice(0, 100)}; allowed: ${allowed}`;
    return new HttpError({ status: 415, code, detail });
  }
  return new HttpError({ status: error.statusCode, code, detail: error.message });
}

const codeOf: Readonly<Record<number, string>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'MESSAGE_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
};
