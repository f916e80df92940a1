import { expect, test } from 'vitest';
import { readLines } from './read-lines.js';

async function linesOf(chunks: readonly string[], maxBytes = 100) {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: [number, string, boolean][] = [];
  for await (const { number, bytes, complete } of readLines(source(), maxBytes)) {
    lines.push([number, bytes.toString(), complete]);
  }
  return lines;
}

test('lines are numbered from 1, blank ones too', async () => {
  expect(await linesOf(['one\n\nthree\n'])).toEqual([
    [1, 'one', true],
    [2, '', true],
    [3, 'three', true],
  ]);
});

test('the last line needs no end', async () => {
  expect(await linesOf(['one\ntwo'])).toEqual([
    [1, 'one', true],
    [2, 'two', true],
  ]);
});

test('lines go over the borders of chunks, and a character may do so too', async () => {
  const bytes = Buffer.from('grün\nblau\n');
  for (let at = 0; at <= bytes.length; at++) {
    const lines: string[] = [];
    async function* source() {
      yield bytes.subarray(0, at);
      yield bytes.subarray(at);
    }
    for await (const line of readLines(source(), 100)) lines.push(line.bytes.toString());
    expect(lines).toEqual(['grün', 'blau']);
  }
});

test('of a line that is too long only the start is kept, and the next one is whole', async () => {
  expect(await linesOf(['abc', 'def', 'ghi\nabcd\nabcde\n'], 4)).toEqual([
    [1, 'abcd', false],
    [2, 'abcd', true],
    [3, 'abcd', false],
  ]);
});

test('nothing gives no line', async () => {
  expect(await linesOf([])).toEqual([]);
  expect(await linesOf([''])).toEqual([]);
});
