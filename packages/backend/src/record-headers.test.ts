import { expect, test } from 'vitest';
import {
  headersSize,
  headerText,
  headerTexts,
  noHeaders,
  type RecordHeaders,
  textHeaders,
  withHeaderTexts,
} from './record-headers.js';

const headers: RecordHeaders = [
  ['a', Buffer.from('1')],
  ['', Buffer.from('größe')],
  ['a', Buffer.from('2')],
  ['b', Buffer.from('3')],
  ['b', null],
  ['__proto__', Buffer.from('x')],
];

test('a name that occurs more than once has its last value, none where that is null', () => {
  expect(['a', '', 'b', 'c', '__proto__'].map((name) => headerText(headers, name))).toEqual([
    '2',
    'größe',
    undefined,
    undefined,
    'x',
  ]);
  expect(Object.entries(headerTexts(headers))).toEqual([
    ['a', '2'],
    ['', 'größe'],
    ['__proto__', 'x'],
  ]);
});

test('texts become bytes in UTF-8', () => {
  expect(textHeaders({ kind: 'größe', none: '' })).toEqual([
    ['kind', Buffer.from('größe')],
    ['none', Buffer.alloc(0)],
  ]);
});

test('the size is that of names and values', () => {
  expect([headersSize(noHeaders), headersSize(headers)]).toEqual([0, 1 + 1 + 7 + 1 + 1 + 1 + 1 + 1 + 9 + 1]);
});

test('texts take the place of all headers of their names', () => {
  expect(withHeaderTexts(headers, { a: '9', c: '8' })).toEqual([
    ...headers.slice(1, 2),
    ...headers.slice(3),
    ['a', Buffer.from('9')],
    ['c', Buffer.from('8')],
  ]);
});
