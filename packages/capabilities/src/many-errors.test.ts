import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@preservarium/core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createCapabilities, readDeviceTypes } from './index.js';

const many = 3_000;
let path: string;
beforeAll(() => {
  path = join(mkdtempSync(join(tmpdir(), 'capabilities-')), 'types.json');
});
afterAll(() => rmSync(join(path, '..'), { recursive: true }));

/** Counts the elements of lists that are copied to add further ones, as ajv does for each error. */
function countCopies(): () => number {
  let copies = 0;
  const concat = vi.spyOn(Array.prototype, 'concat').mockImplementation(function (
    this: unknown[],
    ...others: unknown[]
  ) {
    copies += this.length;
    return [this, ...others].flat();
  });
  onTestFinished(() => concat.mockRestore());
  return () => copies;
}

function read(content: object, warnings: string[] = []) {
  writeFileSync(path, JSON.stringify(content));
  return readDeviceTypes(path, { onWarning: (warning) => warnings.push(warning) });
}

const forms = [{ href: '/' }];
const thing = {
  '@context': ['https://www.w3.org/2022/wot/td/v1.1'],
  title: 'lamp',
  security: ['none'],
  securityDefinitions: { none: { scheme: 'nosec' } },
};

test.each([
  ['an object of a referenced schema', Array.from({ length: many }, () => 0)],
  ['a list that has items twice', Array.from({ length: many }, () => [1, 1])],
])('the errors of a value are not copied for each error: %s', (_, list) => {
  const $defs = {
    node: {
      type: 'array',
      uniqueItems: true,
      items: { anyOf: [{ type: 'number' }, { $ref: '#/$defs/node' }] },
    },
  };
  const result = { type: 'array', items: { $ref: '#/$defs/node' }, $defs };
  const lamp = { name: 'lamp', commands: { read: { result, mayBeRepeated: true } }, settings: {} };
  const { checkResult } = createCapabilities({ types: [lamp], typeOf: () => 'lamp' });
  const copies = countCopies();
  const issues = checkResult({ deviceId: 'lamp-7', commandType: 'read', result: list })?.issues;
  expect(issues).toHaveLength(11);
  expect(issues?.at(-1)?.message).toBe(`and ${many - 10} more`);
  expect(copies()).toBeLessThan(10 * many);
});

test('the errors of a schema are not copied for each error', () => {
  const properties = Object.fromEntries(Array.from({ length: many }, (_, index) => [`p${index}`, 7]));
  const lamp = { name: 'lamp', commands: {}, settings: { place: { type: 'object', properties } } };
  const copies = countCopies();
  expect(() => createCapabilities({ types: [lamp], typeOf: () => 'lamp' })).toThrow(ConfigurationError);
  expect(copies()).toBeLessThan(10 * many);
});

test('a Thing Description with many mistakes in its forms is read, with the first warnings and the number of the others', () => {
  const numbers = Array.from({ length: many }, (_, index) => index);
  const properties = { hue: { type: 'number', forms: numbers } };
  const warnings: string[] = [];
  const copies = countCopies();
  expect(read({ ...thing, forms: numbers, properties }, warnings)).toMatchObject([{ name: 'lamp' }]);
  expect(copies()).toBeLessThan(50 * many);
  expect(warnings).toHaveLength(101);
  expect(warnings.at(-1)).toMatch(/^capabilities .*: and \d+ more warnings$/);
});

test('a Thing Description with many mistakes in parts that are read is refused with the first of them', () => {
  const actions = Object.fromEntries(Array.from({ length: many }, (_, index) => [`a${index}`, index]));
  const copies = countCopies();
  expect(() => read({ ...thing, actions })).toThrow(/actions\.a0: must be object; .*; .*: and \d+ more$/);
  expect(copies()).toBeLessThan(50 * many);
});

test('terms without a meaning are warned of up to a limit', () => {
  const terms = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`term${index}`, 1]));
  const warnings: string[] = [];
  const input = { type: 'object', ...terms };
  read({ ...thing, actions: { fly: { input, forms } } }, warnings);
  expect(warnings).toHaveLength(101);
  expect(warnings.at(-1)).toContain('and 50 more warnings');
});
