import type { ConformanceTest } from './harness.js';

/** The test function with a limit that real brokers need. */
export function longerTimeout(test: ConformanceTest, timeoutMs: number): ConformanceTest {
  return (name, run) => test(name, run, timeoutMs);
}
