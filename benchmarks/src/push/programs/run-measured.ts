import { fileURLToPath } from 'node:url';
import { runProgram } from '../../run-program.js';

interface Measured {
  readonly stdout: string;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

const usageScript = fileURLToPath(new URL('../python/usage.py', import.meta.url));

/** Runs a program to its end, and says what the whole of it used. Needs `python3`, which asks the system for that. */
export async function runMeasured(program: string, args: readonly string[]): Promise<Measured> {
  const { stdout, stderr } = await runProgram('python3', [usageScript, program, ...args]);
  const usage = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Omit<Measured, 'stdout'>;
  return { stdout, ...usage };
}
