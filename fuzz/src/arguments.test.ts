import { expect, test } from 'vitest';
import { readArguments } from './arguments.js';
import { entranceNames } from './entrance-names.js';

test('all entrances are tried by default', () => {
  expect(readArguments([])).toEqual({ inputs: 20_000, seed: 1, entrances: entranceNames, keep: undefined });
  expect(readArguments(['--help', '--inputs', 'x'])).toBe('help');
});

test.each([
  [['--inputs', '0'], '--inputs is "0"'],
  [['--seed', '1.5'], '--seed is "1.5"'],
  [['--entrance', 'mqtt-answer,door'], '--entrance is "door"'],
])('%j is refused', (argv, message) => {
  expect(() => readArguments(argv)).toThrow(message);
});
