import { expect, test } from 'vitest';
import { createKeyedSet } from './index.js';

test('items are found by their key, and those without a key by every key', () => {
  const set = createKeyedSet<number>();
  set.add('a', 1);
  set.add('a', 2);
  set.add('b', 3);
  set.add(undefined, 4);
  set.remove('a', 1);
  set.remove('c', 1);
  expect(set.of('a')).toEqual([2, 4]);
  expect(set.of('c')).toEqual([4]);
  expect(set.all()).toEqual([2, 3, 4]);
  set.remove('a', 2);
  expect(set.of('a')).toEqual([4]);
});
