import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacOf } from './hmac.js';

test('it is the HMAC of Node, for keys and values of all sizes', () => {
  const header = fc.stringMatching(/^[\w-]*$/);
  const key = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    fc.integer({ min: 16_000, max: 17_000 }).map((length) => Buffer.alloc(length, 7)),
  );
  fc.assert(
    fc.property(key, fc.array(fc.tuple(header, value), { minLength: 1, maxLength: 4 }), (bytes, texts) => {
      const secret = createSecretKey(bytes);
      for (const [name, content] of texts) {
        const expected = createHmac('sha256', secret).update(`${name}.`).update(content).digest('base64url');
        expect(hmacOf(secret, name, Buffer.from(content))).toBe(expected);
      }
    }),
  );
});
