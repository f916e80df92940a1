import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { collectSettings, parseCount, parseInteger, parseJsonObject } from './arguments.js';

test('a JSON object', () => {
  expect(parseJsonObject('{"state":"on"}')).toEqual({ state: 'on' });
});

test.each(['', '{state:on}', '[1]', 'null', '"on"'])('not a JSON object: %s', (text) => {
  expect(() => parseJsonObject(text)).toThrow(InvalidArgumentError);
});

test('whole numbers', () => {
  expect(parseInteger('-3')).toBe(-3);
  expect(parseCount('12')).toBe(12);
});

test.each(['', '1.5', 'one', '0x10', '9007199254740993'])('not a whole number: %o', (text) => {
  expect(() => parseInteger(text)).toThrow(InvalidArgumentError);
});

test('a count is at least 1', () => {
  expect(() => parseCount('0')).toThrow(InvalidArgumentError);
});

test('settings are collected; a value may have an equals sign', () => {
  const first = collectSettings('cleanup.policy=compact');
  expect(collectSettings('note=a=b', first)).toEqual({ 'cleanup.policy': 'compact', note: 'a=b' });
  expect(() => collectSettings('cleanup.policy')).toThrow(InvalidArgumentError);
});
