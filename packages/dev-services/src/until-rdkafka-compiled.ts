import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { BackendUnavailableError } from '@preservarium/core';

const longestMs = 15 * 60_000;

/** Tells whether node-rdkafka is being compiled beside this process, which `scripts/bootstrap.mjs --addon-later` says. */
export function rdkafkaIsCompiling(): boolean {
  const mark = process.env.RDKAFKA_COMPILING;
  return mark !== undefined && existsSync(mark);
}

/**
 * Resolves when node-rdkafka is compiled, or at once where it is not being compiled.
 *
 * @throws `BACKEND_UNAVAILABLE` after 15 minutes
 */
export async function untilRdkafkaCompiled(): Promise<void> {
  const startedAt = performance.now();
  while (rdkafkaIsCompiling()) {
    if (performance.now() - startedAt > longestMs)
      throw new BackendUnavailableError('node-rdkafka was not compiled within 15 minutes');
    await setTimeout(250);
  }
}
