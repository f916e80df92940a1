import { pathToFileURL } from 'node:url';
import { type ChildProgram, startChildProgram } from '../child-program.js';
import type { CostQuestion, CostTurn } from './cost-program.js';
import type { WorkloadName } from './workloads/workloads.js';

const askTimeoutMs = 60_000;

/**
 * Flags that make a process repeat itself: code is compiled and garbage collected on the thread that is measured, the young
 * generation does not grow, and strings hash to the same values.
 */
const nodeFlags = [
  '--expose-gc',
  '--single-threaded',
  '--min-semi-space-size=4',
  '--max-semi-space-size=4',
  '--hash-seed=1',
];

export interface CostProcess extends AsyncDisposable {
  turns(count: number): Promise<readonly CostTurn[]>;
}

/** @param folder the checkout whose packages are measured. Default: this one */
export function startCostProcess(workload: WorkloadName, folder?: string): CostProcess {
  const file =
    folder === undefined
      ? new URL('./cost-program.js', import.meta.url)
      : pathToFileURL(costProgramIn(folder));
  const program: ChildProgram<CostQuestion, readonly CostTurn[]> = startChildProgram(
    file,
    { workload },
    nodeFlags,
  );
  return {
    turns: (count) => program.ask({ turns: count }, { timeoutMs: askTimeoutMs }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** The program that a built checkout measures itself with. */
export function costProgramIn(folder: string): string {
  return `${folder}/benchmarks/dist/cost-program.js`;
}
