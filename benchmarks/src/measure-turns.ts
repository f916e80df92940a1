const intervalMs = 5;

/** Measures the CPU time of this thread for each turn of the event loop, in which the time of other processes does not count. */
export interface TurnMeter {
  /** The longest turn since the start or the last reset, in milliseconds of CPU time. */
  longestMs(): number;
  reset(): void;
}

export function measureTurns(): TurnMeter {
  let longestMs = 0;
  let lastMs = cpuMs();
  // At most once in a turn, so that a long turn is between two ticks.
  setInterval(() => {
    const nowMs = cpuMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }, intervalMs).unref();
  return {
    longestMs: () => longestMs,
    reset() {
      longestMs = 0;
    },
  };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
