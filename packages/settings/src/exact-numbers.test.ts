import { exactNumbers, parseExactJson, parseJson } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createWorld } from '../test/world.js';

const parse = (text: string) => parseJson(text) as Readonly<Record<string, unknown>>;
const read = (text: string) => parseExactJson(text) as Readonly<Record<string, never>>;
const write = (value: unknown) => JSON.stringify(exactNumbers(value));

test('numbers of settings are those of the text that was pushed, for every reader', async () => {
  const { open } = createWorld();
  const settings = await open();
  await settings.pushSettings('d1', parse('{"serial":1724442618569203714,"rates":[0.10,{"x":5.0}]}'));
  await settings.pushSettings('d1', parse('{"limit":21.0}'));
  const late = await open();
  const text = '{"serial":1724442618569203714,"rates":[0.10,{"x":5.0}],"limit":21.0}';
  for (const reader of [settings, late]) {
    expect(write(reader.getSettings('d1')?.desired)).toBe(text);
    expect(write(reader.getSettings('d1')?.difference)).toBe(text);
  }
});

test('a device that reports another number of the same nearest double is not in sync', async () => {
  const settings = await createWorld().open();
  await settings.pushSettings('d1', parse('{"serial":1724442618569203714,"limit":21.0}'));
  await settings.reportSettings('d1', read('{"serial":1724442618569203700,"limit":21}'));
  expect(write(settings.getSettings('d1')?.difference)).toBe('{"serial":1724442618569203714}');
  await settings.reportSettings('d1', read('{"serial":1724442618569203714}'));
  expect(write(settings.getSettings('d1')?.reported)).toBe('{"serial":1724442618569203714,"limit":21}');
  expect(settings.getSettings('d1')?.difference).toEqual({});
});

test('reports that wait for one another keep their numbers', async () => {
  const settings = await createWorld().open({ limits: { reportedBytesPerSecond: 100_000 } });
  await Promise.all(
    ['{"a":{"x":1.0}}', '{"a":{"y":9007199254740993}}', '{"b":2.50}'].map((text) =>
      settings.reportSettings('d1', read(text)),
    ),
  );
  expect(write(settings.getSettings('d1')?.reported)).toBe('{"a":{"x":1.0,"y":9007199254740993},"b":2.50}');
});
