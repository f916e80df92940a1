import { createHmac, hash, type KeyObject } from 'node:crypto';

/** Two one-shot hashes of a short text cost half of an Hmac object; from this size on that does not matter. */
const shortBytes = 16_384;
const blockBytes = 64;
const hashBytes = 32;
const dot = 0x2e;

interface PreparedKey {
  /** The key for the inner hash, with room for a short text. */
  readonly inner: Buffer;
  /** The key for the outer hash, with room for the inner one. */
  readonly outer: Buffer;
}

const prepared = new WeakMap<KeyObject, PreparedKey>();

/** Returns the HMAC with SHA-256 (RFC 2104) of the header, a dot and the value, in base64url. */
export function hmacOf(key: KeyObject, header: string, value: Buffer): string {
  if (header.length + value.length >= shortBytes) {
    return createHmac('sha256', key).update(`${header}.`).update(value).digest('base64url');
  }
  const { inner, outer } = preparedOf(key);
  let length = blockBytes + inner.write(header, blockBytes, 'latin1');
  inner[length++] = dot;
  inner.set(value, length);
  length += value.length;
  outer.write(hash('sha256', inner.subarray(0, length), 'binary'), blockBytes, 'latin1');
  return hash('sha256', outer, 'base64url');
}

function preparedOf(key: KeyObject): PreparedKey {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const given = key.export();
  const bytes = given.length > blockBytes ? hash('sha256', given, 'buffer') : given;
  const padded = (length: number, pad: number) => {
    const buffer = Buffer.alloc(length).fill(pad, 0, blockBytes);
    for (const [index, byte] of bytes.entries()) buffer[index] = byte ^ pad;
    return buffer;
  };
  const made = {
    inner: padded(blockBytes + shortBytes + 1, 0x36),
    outer: padded(blockBytes + hashBytes, 0x5c),
  };
  prepared.set(key, made);
  return made;
}
