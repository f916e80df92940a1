import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from './confirm.js';

const never = new AbortController().signal;

test.each([
  ['y\n', true],
  ['YES\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
])('%j is an answer', async (answer, expected) => {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end(answer);
  expect(await confirm('Send 2 commands again?', { input, output, signal: never })).toBe(expected);
  expect(String(output.read())).toBe('Send 2 commands again? [y/N] ');
});

test('Ctrl-C ends the question', async () => {
  const abort = new AbortController();
  const asked = confirm('Well?', {
    input: new PassThrough(),
    output: new PassThrough(),
    signal: abort.signal,
  });
  abort.abort();
  await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
});
