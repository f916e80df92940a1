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

  test.each<[AnswerCondition]>([[{ pointer: 'a' }], [{ pattern: '(' }], [{ pattern: '(?=a)' }]])(
    '%j is refused',
    (condition) => {
      expect(() => compileCondition(condition)).toThrow();
    },
  );
});
