import { ValidationError } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCoapPath } from './coap-path.js';

test.each([
  ['', [], []],
  ['/', [], []],
  ['/lights/7', ['lights', '7'], []],
  ['lights//7/', ['lights', '7'], []],
  ['/a%20b/%C3%BC', ['a b', 'ü'], []],
  ['/a%2Fb', ['a/b'], []],
  ['/a?x=1&y=a%26b&', ['a'], ['x=1', 'y=a&b']],
  ['/a?b?c', ['a'], ['b?c']],
  ['/...', ['...'], []],
])('%s', (path, segments, queries) => {
  expect(parseCoapPath(path)).toEqual({ segments, queries });
});

describe('refuses', () => {
  test.each([
    ['/a/../b', 'must have no "." or ".." segment'],
    ['/%2e%2E/b', 'must have no "." or ".." segment'],
    ['/a/.', 'must have no "." or ".." segment'],
    ['/a%2F..%2Fb', 'must have no "." or ".." segment'],
    [`/${'a'.repeat(256)}`, 'must have segments and parameters of at most 255 bytes'],
    [`/${'ü'.repeat(128)}`, 'must have segments and parameters of at most 255 bytes'],
    [`/a?${'a'.repeat(256)}`, 'must have segments and parameters of at most 255 bytes'],
    ['/a%00', 'must have no control characters'],
    ['/..;/a', 'must have no "." or ".." segment'],
    ['/%252e%252e/a', 'must have no "." or ".." segment'],
    ['/a%252f..%252fb', 'must have no "." or ".." segment'],
    ['/a%250d%250ab', 'must have no "." or ".." segment'],
    ['/a\n', 'must have no control characters'],
    ['/\ud800', 'must have no control characters'],
    ['/100%', '"100%" is not percent-encoded UTF-8'],
    ['/%ff', '"%ff" is not percent-encoded UTF-8'],
  ])('%j', (path, problem) => {
    expect(() => parseCoapPath(path)).toThrow(ValidationError);
    expect(() => parseCoapPath(path)).toThrow(problem);
  });
});

test('whatever it lets through, CoAP can carry, and leads nowhere else', () => {
  const likely = fc.string({ unit: fc.constantFrom('.', '/', '%2e', '%2F', '%', '?', '&', 'a', 'ü', '\0') });
  fc.assert(
    fc.property(fc.oneof(likely, fc.string({ unit: 'binary' })), (path) => {
      let parsed: ReturnType<typeof parseCoapPath>;
      try {
        parsed = parseCoapPath(path);
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError);
        return;
      }
      for (const option of [...parsed.segments, ...parsed.queries]) {
        expect(option).not.toBe('');
        expect(Buffer.from(option).toString()).toBe(option);
        expect(Buffer.byteLength(option)).toBeLessThanOrEqual(255);
      }
      const walked = parsed.segments.flatMap((segment) => segment.split('/'));
      expect(walked).not.toContain('..');
      expect(walked).not.toContain('.');
    }),
    { numRuns: 1_000 },
  );
});

test('what was encoded comes out as it was', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.array(segment), fc.array(segment), (segments, queries) => {
      fc.pre([...segments, ...queries].every((text) => !/\p{Cc}/u.test(text)));
      fc.pre(!segments.some((text) => text.includes('%') || /(^|\/)\.{1,2}(;|\/|$)/.test(text)));
      const path = segments.map((text) => `/${encodeURIComponent(text)}`).join('');
      const query = queries.map(encodeURIComponent).join('&');
      expect(parseCoapPath(`${path}?${query}`)).toEqual({ segments, queries });
    }),
  );
});
