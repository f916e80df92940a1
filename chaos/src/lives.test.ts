import { textHeaders } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createLives, requestIdOf } from './lives.js';

const record = (offset: number, redriven?: string) => ({
  topic: 'commands',
  partition: 3,
  offset,
  timestampMs: 1_000 + offset,
  key: null,
  value: null,
  headers: textHeaders(redriven === undefined ? {} : { redriven }),
});

test('each redrive of a command is a life, which its events and executions name', () => {
  const lives = createLives();
  expect([lives.add(record(1), 'a'), lives.add(record(2), 'a')]).toEqual(['a', 'a']);
  const [second, third] = [lives.add(record(5, '1'), 'a'), lives.add(record(9, '2'), 'a')];
  expect(new Set(['a', second, third]).size).toBe(3);
  expect([second, third].map(requestIdOf)).toEqual(['a', 'a']);
  expect(lives.ofEvent({ requestId: 'a' })).toBe('a');
  expect(lives.ofEvent({ requestId: 'a', redrivenAt: new Date(1_009) })).toBe(third);
  expect(lives.ofExecution({ requestId: 'a', sequence: '3:5' })).toBe(second);
  expect(lives.ofExecution({ requestId: 'a', sequence: '3:1' })).toBe('a');
});

test('two redrives of one millisecond are one life, as they are to readers of events', () => {
  const lives = createLives();
  const first = lives.add(record(5, '1'), 'a');
  expect(lives.add({ ...record(6, '1'), timestampMs: 1_005 }, 'a')).toBe(first);
  expect(lives.ofExecution({ requestId: 'a', sequence: '3:6' })).toBe(first);
  expect(lives.ofEvent({ requestId: 'a', redrivenAt: new Date(1_005) })).toBe(first);
});
