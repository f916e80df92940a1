import fc from 'fast-check';

/** Text of JSON that has `levels` arrays within one another, and `inner` in the innermost. */
export function nestedArrays(levels: number, inner = ''): string {
  return `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
}

/** JSON as an attacker writes it: deep, wide, with long names, with numbers that grow or that no reader holds. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  fc.json(),
  fc
    .tuple(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 0, max: 3_000 }),
      fc.constantFrom('1e999', '1e20', '-0', '{}', '[[]]', '"\\ud800"', 'null'),
    )
    .map(([levels, width, item]) => nestedArrays(levels, new Array(width).fill(item).join(','))),
  fc.integer({ min: 1, max: 20_000 }).map((levels) => nestedArrays(levels)),
  fc.integer({ min: 1, max: 20_000 }).map((levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`),
  fc.integer({ min: 1, max: 50_000 }).map((length) => `{${JSON.stringify('k'.repeat(length))}:1e999}`),
  fc
    .integer({ min: 1, max: 2_000 })
    .map((count) => `{${Array.from({ length: count }, (_, index) => `"k${index}":[1e999]`).join(',')}}`),
);
