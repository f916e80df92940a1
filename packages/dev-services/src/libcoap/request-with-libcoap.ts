import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendUnavailableError } from '@preservarium/core';
import { runCommand } from '../kafka/run-command.js';
import { findLibcoap } from './find-libcoap.js';
import { createMessageReader, type LibcoapMessage } from './libcoap-message.js';
import { type LibcoapRequest, requestArguments } from './libcoap-request.js';

export interface LibcoapAnswer extends Omit<LibcoapMessage, 'payload'> {
  /** The whole of it, all blocks put together. */
  readonly payload: Buffer;
}

const answerSeconds = 15;

/** Sends a request with `coap-client` and resolves with the last answer to it; rejects where none comes within 15 s. */
export async function requestWithLibcoap(request: LibcoapRequest): Promise<LibcoapAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-libcoap-'));
  const output = join(folder, 'answer');
  try {
    await writeFile(output, '');
    const log = await runCommand(
      findLibcoap('coap-client'),
      ['-B', String(answerSeconds), '-o', output, ...requestArguments(request)],
      { timeoutMs: (answerSeconds + 5) * 1_000 },
    );
    const read = createMessageReader();
    const answer = log
      .split('\n')
      .map(read)
      .findLast((message) => message !== undefined && message.code !== '0.00');
    if (answer === undefined) throw new BackendUnavailableError(`${request.url} did not answer: ${log}`);
    return { ...answer, payload: await readFile(output) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
