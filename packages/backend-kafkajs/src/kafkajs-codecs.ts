import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

/** The names of Kafka's codecs, by the number that a batch of records has. */
export const codecNames: readonly string[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const zstd = {
  compress: ({ buffer }: { readonly buffer: Buffer }) => promisify(zstdCompress)(buffer),
  decompress: (buffer: Buffer) => promisify(zstdDecompress)(buffer),
};

/** Gives kafkajs the codec that Node has and kafkajs lacks, unless the application has given it one. */
export function addCodecs(): void {
  const { ZSTD } = kafkajs.CompressionTypes;
  if (!hasCodec(ZSTD)) kafkajs.CompressionCodecs[ZSTD] = () => zstd;
}

/** Returns the names of the codecs that kafkajs has: its own, Node's, and those that the application has given it. */
export function listCodecs(): readonly string[] {
  addCodecs();
  return codecNames.filter((_, type) => hasCodec(type));
}

function hasCodec(type: number): boolean {
  try {
    return kafkajs.CompressionCodecs[type as keyof typeof kafkajs.CompressionCodecs]?.() !== undefined;
  } catch {
    return false;
  }
}
