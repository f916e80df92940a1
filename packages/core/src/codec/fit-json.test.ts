import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countedJson, countValues } from '../../test/counted-json.js';
import { hostileJson, nestedArrays } from '../../test/hostile-json.js';
import { fitJson } from './fit-json.js';

describe('fitJson', () => {
  test.each([[null], ['on'], [0], [{ a: [1, { b: true }] }], [JSON.parse(nestedArrays(64))]])(
    'keeps %j',
    (value) => {
      expect(fitJson(value)).toStrictEqual({ fits: true, value });
    },
  );

  test.each<[string, unknown, string | RegExp]>([
    ['65 levels', JSON.parse(nestedArrays(65)), /^\[0\]\[0\].*: is nested more than 64 levels deep$/],
    ['a number that no reader holds', JSON.parse('[1e999]'), '[0]: Infinity is not a JSON number'],
    ['a BigInt', 1n, 'a bigint cannot be sent as JSON'],
    [
      'what grows when it is encoded again',
      JSON.parse(`[${new Array(50_000).fill('1e20').join(',')}]`),
      'it takes 1100001 bytes as JSON, the limit is 900000',
    ],
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', {
        enumerable: true,
        get: () => {
          throw new Error('trap');
        },
      }),
      'it could not be read: a getter or a proxy in it throws',
    ],
  ])('does not keep %s', (_, value, problem) => {
    const fitted = fitJson(value);
    if (fitted.fits) throw new Error('was kept');
    expect(fitted.problem).toMatch(problem);
  });

  test('counts bytes, not characters', () => {
    expect(fitJson('é', { maxBytes: 4 })).toMatchObject({ fits: true });
    expect(fitJson('é', { maxBytes: 3 })).toMatchObject({ fits: false });
  });

  test('never throws, reads each value a bounded number of times, and says what is wrong in few words', () => {
    fc.assert(
      fc.property(hostileJson, (json) => {
        const parsed: unknown = JSON.parse(json);
        const counted = countedJson(parsed);
        const fitted = fitJson(counted.value);
        expect(counted.reads()).toBeLessThanOrEqual(50 + 12 * countValues(parsed));
        if (!fitted.fits) expect(fitted.problem.length).toBeLessThanOrEqual(1_000);
      }),
      { numRuns: 300 },
    );
  });
});

test('keeps 1,048,576 values and no more, plain or not', () => {
  const values = (count: number, first: unknown) => [first, ...new Array(count - 1).fill(1)];
  const options = { maxBytes: 10_000_000 };
  expect(fitJson(values(1_048_576, 1), options)).toMatchObject({ fits: true });
  expect(fitJson(values(1_048_576, -0), options)).toMatchObject({ fits: true });
  const problem = 'has more than 1048576 values';
  expect(fitJson(values(1_048_577, 1), options)).toEqual({ fits: false, problem });
  expect(fitJson(values(1_048_577, -0), options)).toEqual({ fits: false, problem });
});
