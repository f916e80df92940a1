import { quantileOf } from '../quantile-of.js';
import type { CostSample, CostTurns } from './comparison.js';
import type { CostProcess } from './cost-process.js';

/** Measures two processes, which have their turns one after the other, there and back. */
export async function measureAlternately(
  ours: CostProcess,
  theirs: CostProcess,
  { warmUp, measured }: CostTurns,
): Promise<CostSample> {
  await ours.turns(warmUp);
  await theirs.turns(warmUp);
  const cpuMicros: number[] = [];
  const ratios: number[] = [];
  for (let turn = 0; turn < measured; turn++) {
    const order = turn % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const taken = new Map<CostProcess, number>();
    for (const side of order) {
      for (const { cpuMicros } of await side.turns(1)) taken.set(side, cpuMicros);
    }
    const ourMicros = taken.get(ours) ?? Number.NaN;
    cpuMicros.push(ourMicros);
    ratios.push(ourMicros / (taken.get(theirs) ?? Number.NaN));
  }
  return { cpuMicros: quantileOf(cpuMicros, 0.5), ratio: quantileOf(ratios, 0.5) };
}
