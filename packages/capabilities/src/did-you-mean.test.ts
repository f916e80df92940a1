import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closestName, suggestNames } from './did-you-mean.js';

test.each([
  ['set_ledd', '; did you mean "set_led"? allowed: "blink", "set_led"'],
  ['SET_LED', '; did you mean "set_led"? allowed: "blink", "set_led"'],
  ['reboot', '; allowed: "blink", "set_led"'],
])('%s', (name, suggestion) => {
  expect(suggestNames(name, ['blink', 'set_led'])).toBe(suggestion);
});

test('of many names, some are listed', () => {
  const names = Array.from({ length: 25 }, (_, index) => `command-${index}`);
  expect(suggestNames('x', names)).toMatch(/"command-19", and 5 more$/);
  expect(suggestNames('x', [])).toBe('; none is allowed');
});

const name = fc.string({ unit: fc.constantFrom(...'abcdef_'), minLength: 2, maxLength: 12 });

test('one character too many, too few or mistaken is never too far', () => {
  const edit = fc.tuple(name, fc.nat(), fc.constantFrom('insert', 'delete', 'replace'));
  fc.assert(
    fc.property(edit, ([meant, place, kind]) => {
      const at = place % meant.length;
      const typed =
        meant.slice(0, at) + (kind === 'delete' ? '' : 'z') + meant.slice(kind === 'insert' ? at : at + 1);
      expect(closestName(typed, [meant])).toBe(meant);
    }),
  );
});

test('a name that is among them is the closest, whatever the others are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.nat(), (names, index) => {
      const chosen = names[index % names.length] ?? '';
      expect(closestName(chosen, names)).toBe(chosen);
    }),
  );
});
