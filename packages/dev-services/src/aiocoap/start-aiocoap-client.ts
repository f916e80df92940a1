import { PassThrough } from 'node:stream';
import { within } from '@preservarium/conformance';
import { BackendUnavailableError } from '@preservarium/core';
import { runAiocoap } from './run-aiocoap.js';

export interface AiocoapRequest {
  readonly url: string;
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly payload?: string;
  /** Number of the payload's format. */
  readonly contentFormat?: number;
  /** Default true. */
  readonly confirmable?: boolean;
}

export interface AiocoapAnswer {
  readonly code: string;
  readonly confirmable: boolean;
  readonly locationPath: readonly string[];
  readonly locationQuery: readonly string[];
  readonly contentFormat: number | null;
  readonly maxAge: number | null;
  /** All blocks put together. */
  readonly payload: Buffer;
}

/** A device on aiocoap that asks, from one socket, and repeats a request with the Echo option that it is asked for. */
export interface AiocoapClient extends AsyncDisposable {
  request(request: AiocoapRequest): Promise<AiocoapAnswer>;
  /** The answer to the registration, and each notification. Read once. */
  observe(request: AiocoapRequest): AsyncIterableIterator<AiocoapAnswer>;
  stop(): Promise<void>;
}

const answerTimeoutMs = 15_000;

interface Said extends Omit<AiocoapAnswer, 'payload'> {
  readonly id: number;
  readonly payload: string;
  readonly error?: string;
}

/** Starts `python/aiocoap_client.py`. Rejects with `BACKEND_UNAVAILABLE` where Python or the package index is missing. */
export async function startAiocoapClient(): Promise<AiocoapClient> {
  const answers = new Map<number, PassThrough>();
  let lastId = 0;
  const { writeLine, stop } = await runAiocoap('aiocoap_client.py', [], (line) => {
    const { id, payload, error, ...said } = line as Said;
    const stream = answers.get(id);
    if (error === undefined) stream?.write({ ...said, payload: Buffer.from(payload, 'hex') });
    else stream?.destroy(new BackendUnavailableError(`aiocoap got no answer: ${error}`));
  });

  async function* ask(request: AiocoapRequest, observe: boolean): AsyncGenerator<AiocoapAnswer, void> {
    const id = ++lastId;
    const stream = new PassThrough({ objectMode: true });
    answers.set(id, stream);
    const { payload = '', method = 'GET' } = request;
    writeLine(
      JSON.stringify({ ...request, id, method, payload: Buffer.from(payload).toString('hex'), observe }),
    );
    try {
      yield* stream;
    } finally {
      answers.delete(id);
    }
  }

  async function firstAnswer(request: AiocoapRequest): Promise<AiocoapAnswer> {
    for await (const answer of ask(request, false)) return answer;
    throw new BackendUnavailableError(`${request.url} was not answered`);
  }

  return {
    request: (request) =>
      within(firstAnswer(request), answerTimeoutMs, `an answer to ${request.method ?? 'GET'} ${request.url}`),
    observe: (request) => ask(request, true),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
