import { join } from 'node:path';
import { BackendUnavailableError } from '@preservarium/core';
import { runCommand } from './run-command.js';

const oldestVersion = 17;

/** The `java` program, of `JAVA_HOME` if that is set; rejects where there is none or it is too old for Kafka. */
export async function findJava(): Promise<string> {
  const home = process.env.JAVA_HOME;
  const java = home ? join(home, 'bin', 'java') : 'java';
  const printed = await runCommand(java, ['-version'], { timeoutMs: 30_000 });
  const version = Number(/version "(\d+)/.exec(printed)?.[1]);
  if (!(version >= oldestVersion)) {
    throw new BackendUnavailableError(
      `Kafka needs Java ${oldestVersion} or newer; ${java} says: ${printed.trim()}`,
    );
  }
  return java;
}
