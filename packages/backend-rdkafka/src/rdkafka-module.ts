import { createRequire } from 'node:module';
import { ClientNotInstalledError } from '@preservarium/core';
import type * as Rdkafka from 'node-rdkafka';

export type ClientModule = typeof Rdkafka;

/**
 * Loads node-rdkafka, which is installed beside this package because it is compiled.
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
    throw new ClientNotInstalledError(
      missing
        ? 'the rdkafka backend needs node-rdkafka: run `npm install node-rdkafka@^3.6.1` (it compiles: g++, make and python3 are needed)'
        : `node-rdkafka is installed but was not built for Node ${process.version}: run \`npm rebuild node-rdkafka\` with this Node`,
      { cause },
    );
  }
}
