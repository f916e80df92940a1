import { existsSync } from 'node:fs';
import type { Comparison } from './comparison.js';
import { costProgramIn, startCostProcess } from './cost-process.js';
import { measureAlternately } from './measure-alternately.js';

/**
 * Compares with another built checkout of this repository: one process of each, which have their turns one after the other,
 * there and back.
 *
 * @param atMost the highest ratio allowed, this checkout to the other
 * @param name of the other checkout, for the report. Default: its folder
 * @throws TypeError if the folder has no built benchmark
 */
export function compareWithCheckout(folder: string, atMost: number, name = folder): Comparison {
  const program = costProgramIn(folder);
  if (!existsSync(program)) {
    throw new TypeError(
      `--against: ${program} does not exist; build that checkout first: node scripts/bootstrap.mjs true`,
    );
  }
  return {
    name,
    async measure(workload, turns) {
      await using ours = startCostProcess(workload);
      await using theirs = startCostProcess(workload, folder);
      // Without await, the processes would end first.
      return await measureAlternately(ours, theirs, turns);
    },
    atMost: () => atMost,
    notes: [`at most ${atMost} times the cost of ${name}`],
  };
}
