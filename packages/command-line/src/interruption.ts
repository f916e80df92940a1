import { constants } from 'node:os';

/** Ctrl-C or SIGTERM: the first one asks to stop, the second one ends the process at once. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 and the number of the first signal that came; undefined when none did. */
  exitCode(): number | undefined;
}

export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      const ownExitCode = 128 + constants.signals[name];
      if (exitCode !== undefined) process.exit(ownExitCode);
      exitCode = ownExitCode;
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}
