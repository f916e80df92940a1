import { createRequire } from 'node:module';
import { ClientNotInstalledError } from '@preservarium/core';
import type * as Rdkafka from 'node-rdkafka';

export type ClientModule = typeof Rdkafka;

/** Compiled for this platform; installed with this package where there is one. */
const prebuilt = `@preservarium/rdkafka-${process.platform}-${process.arch}`;

/**
 * Loads node-rdkafka: the one that is installed beside this package, or else the one that was compiled for this platform.
 *
 * @throws `CLIENT_NOT_INSTALLED` with the command that mends it
 */
export function loadClient(
  require: (name: string) => ClientModule = createRequire(import.meta.url),
): ClientModule {
  try {
    return require('node-rdkafka');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    if (missing) return loadPrebuilt(require);
    throw new ClientNotInstalledError(
      `node-rdkafka is installed but was not built for Node ${process.version}: run \`npm rebuild node-rdkafka\` with this Node`,
      { cause },
    );
  }
}

function loadPrebuilt(require: (name: string) => ClientModule): ClientModule {
  try {
    return require(prebuilt);
  } catch (cause) {
    const [reason] = String(cause).split('\n');
    throw new ClientNotInstalledError(
      `the rdkafka backend needs node-rdkafka, and ${prebuilt}, which has it compiled, does not load in Node ${process.version} (${reason}): ` +
        'run `npm install node-rdkafka@^3.6.1` (it compiles: g++, make and python3 are needed)',
      { cause },
    );
  }
}
