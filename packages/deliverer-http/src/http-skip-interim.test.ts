import { expect, onTestFinished, test, vi } from 'vitest';
import { withoutInterim } from './http-skip-interim.js';

const interim = 'HTTP/1.1 100 Continue\r\nx: y\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 100 in a body\r\n\r\n';

test.each([
  ['an answer alone', answer, answer, true],
  ['one before it', interim + answer, answer, true],
  ['several', interim + interim.replace('1.1', '1.0') + answer, answer, true],
  ['one of another kind', `HTTP/1.1 103 Early Hints\r\n\r\n${answer}`, answer, true],
  ['one whose lines end with LF alone', `${interim.replaceAll('\r', '')}${answer}`, answer, true],
  ['half of one whose lines end with LF alone', 'HTTP/1.1 100 x\ny: z\n', 'HTTP/1.1 100 x\ny: z\n', false],
  ['101, which is none', 'HTTP/1.1 101 Switching', 'HTTP/1.1 101 Switching', true],
  ['a status that only begins so', 'HTTP/1.1 200', 'HTTP/1.1 200', true],
  ['no HTTP', '220 mail.example', '220 mail.example', true],
  ['nothing', '', '', false],
  ['only a beginning', 'HTTP/1.', 'HTTP/1.', false],
  ['half of one', interim.slice(0, 20), interim.slice(0, 20), false],
  ['one and a half', interim + interim.slice(0, 20), interim.slice(0, 20), false],
])('%s', (_, given, rest, isWhole) => {
  const left = withoutInterim(Buffer.from(given));
  expect([left.rest.toString(), left.isWhole]).toEqual([rest, isWhole]);
});

test('many of them are read once, not once for each', () => {
  const bytes = Buffer.from(interim.repeat(2_000) + answer);
  const { indexOf } = Buffer.prototype;
  let readBytes = 0;
  const spy = vi.spyOn(Buffer.prototype, 'indexOf').mockImplementation(function (this: Buffer, ...given) {
    const found: number = Reflect.apply(indexOf, this, given);
    readBytes += (found < 0 ? this.length : found) - Number(given[1] ?? 0);
    return found;
  });
  onTestFinished(() => spy.mockRestore());
  expect(withoutInterim(bytes).rest.toString()).toBe(answer);
  expect(readBytes).toBeLessThan(2 * bytes.length);
});
