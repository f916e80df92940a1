import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { BoardRow } from './board.js';
import { createLiveView } from './live-view.js';

const row: BoardRow = {
  push: { name: 'lock', deviceId: 'door-7', push: async () => ({ topic: 'commands' }) },
  pushedWith: 'kafkajs',
  ends: { state: 'delivered' },
  steps: [
    { state: 'published', evidence: ['broker'] },
    { state: 'dispatched', evidence: [] },
  ],
};
const event = { state: 'dispatched' } as const;

function screenOf(properties: { readonly isTTY: boolean; readonly rows: number }) {
  const stream = Object.assign(new PassThrough(), properties);
  return { stream, written: () => String(stream.read() ?? '') };
}

test('on a terminal the table is drawn again in its place, and cleared at the end', () => {
  const { stream, written } = screenOf({ isTTY: true, rows: 24 });
  const view = createLiveView(stream);
  view.show([row], row, event);
  expect(stripVTControlCharacters(written()).split('\n')).toEqual([
    'command  device  backend  state       earlier states',
    'lock     door-7  kafkajs  dispatched  published',
    '',
  ]);
  view.show([row], row, event);
  expect(written().startsWith('\u001b[2A\u001b[J')).toBe(true);
  view.end();
  expect(written()).toBe('\u001b[2A\u001b[J');
});

test.each([
  ['what is no terminal', { isTTY: false, rows: 24 }],
  ['a terminal that is too low for the table', { isTTY: true, rows: 2 }],
])('on %s there is a line for each event', (_, properties) => {
  const { stream, written } = screenOf(properties);
  const view = createLiveView(stream);
  view.show([row], row, event);
  expect(written()).toMatch(/^ +\d+\.\d\d s {2}lock, door-7, kafkajs: dispatched\n$/);
  view.end();
  expect(written()).toBe('');
});

test('nothing is shown after the end', () => {
  const { stream, written } = screenOf({ isTTY: true, rows: 24 });
  const view = createLiveView(stream);
  view.end();
  view.show([row], row, event);
  expect(written()).toBe('');
});
