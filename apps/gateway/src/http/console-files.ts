import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The console as it was built: one page, and what it loads. */
export interface ConsoleFiles {
  /** HTML with `{{nonce}}` wherever the nonce of a response belongs. */
  readonly page: string;
  readonly assets: readonly ConsoleAsset[];
}

interface ConsoleAsset {
  /** For example `/assets/index-BpZ2sC5u.js`; another content has another path. */
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads the console into memory. */
export function readConsole(): ConsoleFiles {
  const page = createRequire(import.meta.url).resolve('@preservarium/console/index.html');
  const folder = join(dirname(page), 'assets');
  const assets = readdirSync(folder).map((name) => {
    const bytes = readFileSync(join(folder, name));
    const type = types[extname(name)] ?? 'application/octet-stream';
    return { path: `/assets/${name}`, type, bytes, gzipped: gzipSync(bytes) };
  });
  return { page: readFileSync(page, 'utf8'), assets };
}
