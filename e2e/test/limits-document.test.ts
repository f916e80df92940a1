import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const document = readFileSync(join(root, 'docs/limits.md'), 'utf8');
const configuration = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
const errors = readFileSync(join(root, 'docs/errors.md'), 'utf8');

const rows = [...document.matchAll(/^\| ([^|]+) \| ([\d,]+) \| \[`(\w+)`\]\(\.\.\/([^)]+)\)[^|]*\|/gm)].map(
  ([, limit = '', value = '', name = '', file = '']) => ({
    limit,
    value: Number(value.replaceAll(',', '')),
    name,
    file,
  }),
);

/** The value of a default in the source: `name = 16 * 1024`, `name: given ?? 16_384`, the last number of `check('name', given, 16_384)`, or the default of a variable. */
function defaultIn(source: string, name: string): number | undefined {
  const assigned = new RegExp(
    `\\b${name}(?:(?:: [\\w.]+)? =|: [\\w.]+ \\?\\?) ([\\d_]+(?: \\*{1,2} [\\d_]+)*)`,
  ).exec(source)?.[1];
  const checked = new RegExp(`\\('(?:\\w+\\.)?${name}', [\\w.]+, ([\\d_]+)`).exec(source)?.[1];
  const variable = new RegExp(`\\b${name}: \\{\\s*rule: .*\\.default\\(([\\d_]+)\\)`).exec(source)?.[1];
  const text = (assigned ?? checked ?? variable)?.replaceAll('_', '');
  const powerOf = (factor: string) => {
    const [base = '', exponent = '1'] = factor.split(' ** ');
    return Number(base) ** Number(exponent);
  };
  return text?.split(' * ').reduce((product, factor) => product * powerOf(factor), 1);
}

test('every limit of the document has a row that is read here', () => {
  const inTables = document.match(/^\| (?!limit|---).*\|$/gm) ?? [];
  expect(rows.length).toBe(inTables.length);
  expect(rows.length).toBeGreaterThan(40);
});

test.each(rows)('$limit: $value', ({ value, name, file }) => {
  expect(defaultIn(readFileSync(join(root, file), 'utf8'), name)).toBe(value);
});

test('every variable of the document is one of the programs', () => {
  // A test of each program compares this page with its variables.
  const known = new Set(configuration.match(/`[A-Z][A-Z_]+`/g));
  const codes = new Set(errors.match(/`[A-Z][A-Z_]+`/g));
  const named = document.match(/`[A-Z]+_[A-Z_]+`/g)?.filter((name) => !codes.has(name)) ?? [];
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
