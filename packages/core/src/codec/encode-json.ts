const slabBytes = 256 * 1024;
let slab = Buffer.alloc(0);
let used = 0;

/**
 * `value` as JSON in UTF-8. Small values are cut from a shared slab: an allocation for each costs a bulk push more than
 * its encoding. A slab is freed when all values cut from it are.
 */
export function encodeJson(value: unknown): Buffer {
  const text = JSON.stringify(value);
  // No UTF-16 unit takes more than three bytes.
  const maxBytes = text.length * 3;
  if (maxBytes > slabBytes / 8) return Buffer.from(text);
  if (used + maxBytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const start = used;
  used += slab.write(text, start);
  return slab.subarray(start, used);
}
