import { existsSync } from 'node:fs';
import { quantileOf } from '../quantile-of.js';
import type { Comparison } from './comparison.js';
import { costProgramIn, startCostProcess } from './cost-process.js';

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
    async measure(workload, { warmUp, measured }) {
      await using ours = startCostProcess(workload);
      await using theirs = startCostProcess(workload, folder);
      await ours.turns(warmUp);
      await theirs.turns(warmUp);
      const cpuMicros: number[] = [];
      const ratios: number[] = [];
      for (let turn = 0; turn < measured; turn++) {
        const order = turn % 2 === 0 ? [ours, theirs] : [theirs, ours];
        const taken = new Map<typeof ours, number>();
        for (const side of order) {
          for (const { cpuMicros } of await side.turns(1)) taken.set(side, cpuMicros);
        }
        const ourMicros = taken.get(ours) ?? Number.NaN;
        cpuMicros.push(ourMicros);
        ratios.push(ourMicros / (taken.get(theirs) ?? Number.NaN));
      }
      return { cpuMicros: quantileOf(cpuMicros, 0.5), ratio: quantileOf(ratios, 0.5) };
    },
    atMost: () => atMost,
    notes: [`at most ${atMost} times the cost of ${name}`],
  };
}
