import { expect, test } from 'vitest';
import { hexDump } from './hex-dump.js';

test('16 bytes a line, with their place and what of them is ASCII', () => {
  const bytes = Buffer.from([...Buffer.from('GET /x'), 0, 0x7f, 0xff, ...Buffer.from('12345678')]);
  expect(hexDump(bytes, 100)).toEqual([
    '00000000  47 45 54 20 2f 78 00 7f ff 31 32 33 34 35 36 37  |GET /x...1234567|',
    '00000010  38                                               |8|',
  ]);
  expect(hexDump(bytes, 16)).toHaveLength(2);
  expect(hexDump(bytes, 16)[1]).toBe('1 more bytes');
  expect(hexDump(Buffer.alloc(0), 16)).toEqual([]);
});
