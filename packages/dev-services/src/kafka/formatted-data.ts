import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renameUnlessThere } from './rename-unless-there.js';

export interface FormattedDataOptions {
  /** The folder with Kafka's jars; the formatted data are kept beside it. */
  readonly jars: string;
  /** The content of the data depends on these, besides on Kafka's version. */
  readonly key: readonly string[];
  /** The folder of the data; made here. */
  readonly folder: string;
  /** Formats the folder with Kafka's tool, which starts a Java for it. */
  format(): Promise<void>;
}

/** Makes the data of a broker that has nothing yet: formatted the first time, then copied. */
export async function makeFormattedData({ jars, key, folder, format }: FormattedDataOptions): Promise<void> {
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16);
  const kept = `${jars}-formatted-${digest}`;
  if (existsSync(kept)) return cp(kept, folder, { recursive: true });
  await format();
  const temporary = await mkdtemp(`${kept}-`);
  try {
    await cp(folder, join(temporary, 'data'), { recursive: true });
    await renameUnlessThere(join(temporary, 'data'), kept);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
