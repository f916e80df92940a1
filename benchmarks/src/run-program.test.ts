import { expect, test } from 'vitest';
import { runMeasured } from './push/programs/run-measured.js';
import { runProgram } from './run-program.js';

const node = process.execPath;
const lines = 'for (let line = 1; line <= 12; line++) console.error("line " + line);';

test.each([
  ['an exit code', `${lines} process.exit(3)`, /^node failed: ended with 3\nline 3\n[\s\S]*\nline 12$/],
  ['a signal', 'process.kill(process.pid, "SIGSEGV")', /^node failed: ended with SIGSEGV$/],
  ['errors on stdout', 'console.log("no broker"); process.exit(1)', /^node failed: ended with 1\nno broker$/],
])('a program that ends with %s', async (_, script, message) => {
  await expect(runProgram(node, ['-e', script])).rejects.toThrow(
    expect.objectContaining({ code: 'BACKEND_UNAVAILABLE', message: expect.stringMatching(message) }),
  );
});

test('a program that is missing', async () => {
  await expect(runProgram('/nowhere/rdkafka_performance', [])).rejects.toThrow(
    'rdkafka_performance failed: ended with ENOENT',
  );
});

test.each([
  ['an exit code', `${lines} process.exit(3)`, /^node failed: ended with 3\nline 3\n[\s\S]*\nline 12$/],
  // As shells say it.
  ['a signal', 'process.kill(process.pid, "SIGSEGV")', /^node failed: ended with 139$/],
])('a measured program that ends with %s is named, without its figures', async (_, script, message) => {
  await expect(runMeasured(node, ['-e', script])).rejects.toThrow(
    expect.objectContaining({ code: 'BACKEND_UNAVAILABLE', message: expect.stringMatching(message) }),
  );
});

test('a measured program that succeeds: its outputs and its figures', async () => {
  expect(await runMeasured(node, ['-e', 'console.log("fast"); console.error("well")'])).toEqual({
    stdout: 'fast\n',
    stderr: 'well\n',
    cpuMs: expect.any(Number),
    peakBytes: expect.any(Number),
  });
});
