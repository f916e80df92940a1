import type { z } from 'zod';
import type { GatewayApp } from './app.js';
import { HttpError } from './problem.js';

/** Refuses parameters of the query that a route does not have: a filter with a wrong name would select everything. */
export function refuseUnknownParameters(app: GatewayApp): void {
  app.addHook('preValidation', (request, _reply, done) => {
    // Most requests have none.
    if (!request.url.includes('?')) return done();
    const { schema } = request.routeOptions;
    // Callers of the Python system send what they always did.
    if (schema?.hide) return done();
    const known = Object.keys((schema?.querystring as z.ZodObject | undefined)?.shape ?? {});
    const unknown = Object.keys(request.query as object).filter((name) => !known.includes(name));
    done(unknown.length === 0 ? undefined : unknownParameters(unknown, known));
  });
}

const maxNames = 20;
const maxNameCharacters = 64;

function unknownParameters(unknown: readonly string[], known: readonly string[]): HttpError {
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  const message = `is not a parameter of this route; ${has}`;
  const issues = unknown
    .slice(0, maxNames)
    .map((name) => ({ path: name.slice(0, maxNameCharacters), message }));
  const names = issues.map(({ path }) => JSON.stringify(path)).join(', ');
  return new HttpError({
    status: 400,
    code: 'VALIDATION_FAILED',
    detail: `invalid querystring: ${names} ${unknown.length === 1 ? 'is' : 'are'} not of this route; ${has}`,
    issues,
  });
}
