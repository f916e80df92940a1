import type { Comparison } from './comparison.js';
import { startCostProcess } from './cost-process.js';
import { measureAlternately } from './measure-alternately.js';
import { verbatimWorkloads } from './workloads/verbatim.js';
import type { WorkloadName } from './workloads/workloads.js';

export const verbatimNames = (Object.keys(verbatimWorkloads) as readonly WorkloadName[]).filter((name) =>
  name.includes('verbatim'),
);

/** Compares payloads that are carried as text with the same payloads read and written anew, in processes that have their turns alternately. */
export function compareVerbatim(atMost: number): Comparison {
  return {
    name: 'written anew',
    async measure(workload, turns) {
      await using ours = startCostProcess(workload);
      await using theirs = startCostProcess(workload.replace('verbatim', 'written anew') as WorkloadName);
      // Without await, the processes would end first.
      return await measureAlternately(ours, theirs, turns);
    },
    atMost: () => atMost,
    notes: [`at most ${atMost} times the cost of a payload that is written anew`],
  };
}
