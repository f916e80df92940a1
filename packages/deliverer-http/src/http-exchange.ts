import { paced } from '@preservarium/concurrency';
import type { Dispatcher } from 'undici';
import type { LastLookOptions } from './http-last-look.js';
import { ownTurn } from './http-own-turn.js';
import type { HttpRequest } from './http-request.js';

/** The response to a request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  /** Undefined where it was longer than 64 KiB; the rest of it was not read. */
  readonly body: Buffer | undefined;
}

/** The answer began and did not come to its end. */
export class AnswerBrokeOffError extends Error {
  override readonly name = 'AnswerBrokeOffError';
}

/** More of an answer is not read. */
export const maxBodyBytes = 65_536;

/** To parse 64 KiB of JSON takes up to 30 ms: larger answers come one in a turn of the event loop. */
const maxBytesTogether = 4_096;

export interface ExchangeOptions extends LastLookOptions {
  readonly signal: AbortSignal;
  onAnswering(): void;
}

/** Sends a request and reads the whole answer; redirects are answers. Rejects with undici's errors, the one above, or `NotSentError`. */
export async function exchange(
  dispatcher: Dispatcher,
  { method, path, headers, body }: HttpRequest,
  { signal, onAnswering, ...lastLook }: ExchangeOptions,
): Promise<HttpAnswer> {
  // Thousands of devices may be due together.
  await paced();
  const response = await dispatcher.request({
    ...(lastLook satisfies LastLookOptions),
    method: method as Dispatcher.HttpMethod,
    path,
    headers,
    body: body.length === 0 ? null : body,
    signal,
  });
  onAnswering();
  const { statusCode: status } = response;
  try {
    const read = await readBody(response.body);
    if (read !== undefined && read.length > maxBytesTogether) await ownTurn();
    return { status, headers: response.headers, body: read };
  } catch (cause) {
    throw new AnswerBrokeOffError(`the answer ${status} broke off`, { cause });
  }
}

async function readBody(body: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    // Leaving the loop closes the connection.
    if (sizeBytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
