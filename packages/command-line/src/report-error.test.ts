import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { printable } from './printable.js';
import { errorLine, reportError } from './report-error.js';

const hostile = 'first\nsecond \u001b]0;title\u0007 \u009b31m \u202e';

test('an error line is one line that a terminal only shows', () => {
  const line = errorLine('pusher', 'UNEXPECTED', hostile).trimEnd();
  expect(line).toContain('first second \\u{1b}]0;title\\u{7} \\u{9b}31m \\u{202e}');
  expect(line.split('UNEXPECTED:')[1]).toBe(printable(line.split('UNEXPECTED:')[1] ?? ''));
});

test('so are the lines of the cause and the stack', () => {
  const written = new PassThrough({ encoding: 'utf8' });
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.write(text));
  try {
    reportError('pusher', new Error('outer', { cause: new Error(hostile) }), { verbose: true });
  } finally {
    write.mockRestore();
  }
  const [, ...details] = String(written.read()).split('\n');
  expect(details.join('\n')).toContain('second \\u{1b}]0;title');
  for (const line of details) expect(line).toBe(printable(line));
});
