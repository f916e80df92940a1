import { quantileOf } from '../quantile-of.js';
import type { Comparison } from './comparison.js';
import { startCostProcess } from './cost-process.js';
import type { CostRatios } from './cost-ratios.js';

/**
 * Compares with a calibration in the same process, which has its turns between those of the workload, so that a busy moment
 * meets both. The median of the ratios of the turns is what repeats best: over six processes on a busy machine it had a standard
 * deviation of 2 to 3 %; the ratio of the lowest times 2 to 7 %, that of the lower quartiles 3 to 11 %, CPU time alone 3 to 13 %.
 *
 * @param tolerance how many times the recorded ratio is allowed
 */
export function compareWithCalibration(recorded: CostRatios, tolerance: number): Comparison {
  return {
    name: 'calibration',
    async measure(workload, { warmUp, measured }) {
      await using program = startCostProcess(workload);
      await program.turns(warmUp);
      const turns = await program.turns(measured);
      return {
        cpuMicros: quantileOf(
          turns.map(({ cpuMicros }) => cpuMicros),
          0.5,
        ),
        ratio: quantileOf(
          turns.map(({ cpuMicros, calibrationMicros }) => cpuMicros / calibrationMicros),
          0.5,
        ),
      };
    },
    atMost(workload) {
      const ratio = recorded[workload];
      return ratio === undefined ? undefined : Number((ratio * tolerance).toFixed(3));
    },
    notes: [`at most ${tolerance} times the ratios in benchmarks/cost-ratios.json`],
  };
}
