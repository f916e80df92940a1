/** Keeps the thread busy, as a decoder does. */
export function compute(ms: number): void {
  const endsAtMs = performance.now() + ms;
  while (performance.now() < endsAtMs) {
    // The event loop stands still.
  }
}

/** Counts the turns of the event loop from now on. */
export function countTurns() {
  let turns = 0;
  let isCounting = true;
  (function next() {
    setImmediate(() => {
      turns += 1;
      if (isCounting) next();
    });
  })();
  return {
    turns: () => turns,
    [Symbol.dispose]() {
      isCounting = false;
    },
  };
}
