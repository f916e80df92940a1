import createClient from 'openapi-fetch';
import { apiKey } from './api-key.js';
import { parseExact } from './exact-json.js';
import type { components, paths } from './schema.js';

export type Problem = components['schemas']['Problem'];

/** An answer of the gateway that is a problem (RFC 9457). */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const client = createClient<paths>({ baseUrl: location.origin });
client.use({
  onRequest({ request }) {
    const key = apiKey.read();
    if (key !== null) request.headers.set('authorization', `Bearer ${key}`);
  },
  onResponse({ response }) {
    if (!response.ok || response.status === 204) return undefined;
    const headers = new Headers(response.headers);
    // openapi-fetch parses an answer without a length by itself.
    headers.set('content-length', 'given');
    const exact = new Response(response.body, { status: response.status, headers });
    exact.json = async () => parseExact(await exact.text());
    return exact;
  },
});

/** The API of the gateway, with the API key of the tab. */
export const api = client;

/**
 * Returns the content of an answer.
 *
 * @throws ApiError where it is a problem; TypeError where the gateway did not answer
 */
export async function contentOf<Content>(
  answer: Promise<{ readonly data?: Content; readonly error?: unknown; readonly response: Response }>,
): Promise<Content> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Content;
  throw new ApiError(isProblem(error) ? error : unreadable(response));
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error;
}

/** A proxy between answers with something else. */
function unreadable({ status, statusText }: Response): Problem {
  const detail = `the gateway answered ${status} ${statusText}`;
  return {
    type: 'about:blank',
    title: statusText,
    status,
    code: 'UNEXPECTED',
    detail,
    retryable: status >= 500,
  };
}
