import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findLibcoap } from './find-libcoap.js';
import { createMessageReader, type LibcoapMessage } from './libcoap-message.js';
import { type LibcoapRequest, requestArguments } from './libcoap-request.js';

export interface LibcoapObservation extends AsyncDisposable {
  /** The answer to the registration, and each notification; not the one that asks for an Echo, which coap-client sends. Read once. */
  readonly messages: AsyncIterableIterator<LibcoapMessage>;
  /** Ends the program without a word to the server. */
  stop(): Promise<void>;
}

const maxSeconds = 60;

/** Observes a resource with `coap-client -s`, for a minute at most; then it deregisters. */
export function observeWithLibcoap(
  request: LibcoapRequest,
  { seconds = maxSeconds }: { readonly seconds?: number } = {},
): LibcoapObservation {
  const args = ['-s', String(seconds), '-B', String(seconds), ...requestArguments(request)];
  const child = spawn(findLibcoap('coap-client'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');

  async function* read(): AsyncGenerator<LibcoapMessage, void, undefined> {
    const next = createMessageReader();
    for await (const line of createInterface({ input: child.stdout })) {
      const message = next(line);
      if (message !== undefined && !['0.00', '4.01'].includes(message.code)) yield message;
    }
  }

  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }

  return { messages: read(), stop, [Symbol.asyncDispose]: stop };
}
