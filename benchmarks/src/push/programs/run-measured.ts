import { findPackageJSON } from 'node:module';
import { basename, join } from 'node:path';
import { runProgram } from '../../run-program.js';

interface Measured {
  readonly stdout: string;
  readonly stderr: string;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

/** From the root of this package: this file is bundled. */
const usageScript = join(findPackageJSON('..', import.meta.url) ?? '', '../python/usage.py');

/** Runs a program to its end, and says what the whole of it used. Needs `python3`, which asks the system for that. */
export async function runMeasured(program: string, args: readonly string[]): Promise<Measured> {
  const printed = await runProgram('python3', [usageScript, program, ...args], basename(program));
  const endOfStderr = printed.stderr.lastIndexOf('\n', printed.stderr.length - 2);
  const usage = JSON.parse(printed.stderr.slice(endOfStderr)) as Pick<Measured, 'cpuMs' | 'peakBytes'>;
  return { stdout: printed.stdout, stderr: printed.stderr.slice(0, endOfStderr), ...usage };
}
