import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBlock, encodeBlock, takeBlock } from './coap-block.js';

const sizeBytes = fc.constantFrom(16, 32, 64, 128, 256, 512, 1_024);

test('what is encoded is decoded, in 1 to 3 bytes', () => {
  const block = fc.record({ number: fc.nat(2 ** 20 - 1), more: fc.boolean(), sizeBytes });
  fc.assert(
    fc.property(block, (block) => {
      expect(encodeBlock(block)).toHaveLength(block.number > 0xfff ? 3 : block.number > 0xf ? 2 : 1);
      expect(decodeBlock(encodeBlock(block))).toEqual(block);
    }),
  );
});

test('no bytes mean the first block of 16 bytes (RFC 7959, section 2.2)', () => {
  expect(decodeBlock(Buffer.alloc(0))).toEqual({ number: 0, more: false, sizeBytes: 16 });
});

test.each(['07', '0f', '00000000'])('%s is no block option', (hex) => {
  expect(decodeBlock(Buffer.from(hex, 'hex'))).toBeUndefined();
});

test('the blocks of a body make up the body', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), sizeBytes, (bytes, sizeBytes) => {
      const body = Buffer.from(bytes);
      const parts: Buffer[] = [];
      for (let number = 0, more = true; more; number++) {
        const part = takeBlock(body, { number, sizeBytes });
        expect(part?.block).toMatchObject({ number, sizeBytes });
        parts.push(part?.bytes ?? Buffer.alloc(0));
        more = part?.block.more ?? false;
      }
      expect(Buffer.concat(parts)).toEqual(body);
      expect(takeBlock(body, { number: parts.length, sizeBytes })).toBeUndefined();
    }),
  );
});
