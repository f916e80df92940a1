import type { JsonValue } from '@preservarium/core';
import { describe, expect, test } from 'vitest';
import { type AnswerCondition, compileCondition } from './condition.js';

const sent = { requestId: 'r1', value: { on: true } };

describe('the condition', () => {
  test.each<[AnswerCondition, JsonValue, boolean]>([
    [{}, null, true],
    [{ pointer: '/a/b' }, { a: { b: null } }, true],
    [{ pointer: '/a/b' }, { a: 1 }, false],
    [{ pointer: '/a~1b/~0' }, { 'a/b': { '~': 1 } }, true],
    [{ pointer: '/1' }, [0, 1], true],
    [{ pointer: '/length' }, 'text', false],
    [{ pointer: '/toString' }, {}, false],
    [{ equals: 'OK' }, 'OK', true],
    [{ equals: 'OK' }, 'ok', false],
    [{ pointer: '/id', equals: '{requestId}' }, { id: 'r1' }, true],
    [{ pointer: '/id', equals: '{requestId}' }, { id: 'r2' }, false],
    [{ equals: '{value}' }, { on: true }, true],
    [{ equals: '{float}' }, { on: true }, true],
    [{ contains: '{value}' }, { on: true, more: 1 }, true],
    [{ contains: '{value}' }, { on: false, more: 1 }, false],
    [{ contains: { a: { b: 1 } } }, { a: { b: 1, c: 2 } }, true],
    [{ contains: { a: [1] } }, { a: [1, 2] }, false],
    [{ pattern: '^OK' }, 'OK 7', true],
    [{ pattern: '^2\\d\\d$' }, 204, true],
    [{ pattern: 'OK' }, { OK: 1 }, false],
    [{ pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}b`, false],
  ])('%j for %.60j: %s', (condition, answer, expected) => {
    expect(compileCondition(condition)(answer, sent)).toBe(expected);
  });

  test.each([
    [21.5, 21.5, true],
    [21.7, 21.700001, true],
    [21.55, 21.549999, true],
    [16_777_217, 16_777_216, true],
    [21.7, 21.6, false],
  ])('{float} of %s for %s: %s', (value, answer, expected) => {
    expect(compileCondition({ equals: '{float}' })(answer, { requestId: 'r1', value })).toBe(expected);
  });

  test.each<[AnswerCondition]>([[{ pointer: 'a' }], [{ pattern: '(' }], [{ pattern: '(?=a)' }]])(
    '%j is refused',
    (condition) => {
      expect(() => compileCondition(condition)).toThrow();
    },
  );
});
