/** A Block2 option: which part of a body this is (RFC 7959, section 2.2). */
export interface CoapBlock {
  readonly number: number;
  readonly more: boolean;
  /** 16 to 1,024, a power of two. */
  readonly sizeBytes: number;
}

const maxNumber = 2 ** 20 - 1;

/** Undefined for what is no valid option. */
export function decodeBlock(option: Buffer): CoapBlock | undefined {
  if (option.length > 3) return undefined;
  const value = option.length === 0 ? 0 : option.readUIntBE(0, option.length);
  const exponent = value & 7;
  if (exponent === 7) return undefined;
  return { number: value >>> 4, more: (value & 8) !== 0, sizeBytes: 2 ** (exponent + 4) };
}

export function encodeBlock({ number, more, sizeBytes }: CoapBlock): Buffer {
  const value = number * 16 + (more ? 8 : 0) + (Math.log2(sizeBytes) - 4);
  const option = Buffer.alloc(3);
  option.writeUIntBE(value, 0, 3);
  return option.subarray(number > 0xfff ? 0 : number > 0xf ? 1 : 2);
}

/** The part of a body that a block stands for; undefined behind its end. */
export function takeBlock(
  body: Buffer,
  { number, sizeBytes }: Pick<CoapBlock, 'number' | 'sizeBytes'>,
): { readonly bytes: Buffer; readonly block: CoapBlock } | undefined {
  const start = number * sizeBytes;
  if (number > maxNumber || (number > 0 && start >= body.length)) return undefined;
  const end = start + sizeBytes;
  return { bytes: body.subarray(start, end), block: { number, more: end < body.length, sizeBytes } };
}
