// One workload in a process of its own: no other one has a part in what is compiled, or in the garbage.
// `cost --against` starts this program of another commit: its questions, its answers and its workloads stay as they are.
import { answerQuestions } from '../answer-questions.js';
import { calibrationWorkload } from './workloads/calibration.js';
import type { Workload } from './workloads/workload.js';
import { measurable, type WorkloadName } from './workloads/workloads.js';

export interface CostArguments {
  readonly workload: WorkloadName;
}

/** Asks for so many turns of the workload, each with a turn of the calibration before and after it. */
export interface CostQuestion {
  readonly turns: number;
}

export interface CostTurn {
  /** CPU time of all threads, user and system, in microseconds per command. */
  readonly cpuMicros: number;
  /** The same of the calibration: the mean of the turns before and after. */
  readonly calibrationMicros: number;
}

const { workload: name } = JSON.parse(process.argv[2] ?? '{}') as CostArguments;
const workload = measurable[name]();
const calibration = calibrationWorkload(workload.bytes);

answerQuestions<CostQuestion, readonly CostTurn[]>(async ({ turns }) => {
  const measured: CostTurn[] = [];
  let before = await measure(calibration);
  for (let turn = 0; turn < turns; turn++) {
    const cpuMicros = await measure(workload);
    const after = await measure(calibration);
    measured.push({ cpuMicros, calibrationMicros: (before + after) / 2 });
    before = after;
  }
  return measured;
});

async function measure({ prepare, count }: Workload): Promise<number> {
  const run = await prepare();
  // Each turn begins with an empty heap.
  globalThis.gc?.();
  const usedBefore = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(usedBefore);
  return (user + system) / count;
}
