/** After so long the event loop goes on, as soon as the work at hand is done. */
const sliceMs = 10;
const firstSize = 32;
/** Kept, so that work goes on where somebody replaces the timers of the process, as tests do. */
const { setImmediate: defer } = globalThis;

/** Calls `work` with one slice of the list after another, each of about `sliceMs`; the event loop goes on in between. */
export async function inSlices<Item>(
  items: readonly Item[],
  work: (slice: readonly Item[]) => void,
): Promise<void> {
  let size = firstSize;
  for (let start = 0; start < items.length; ) {
    const end = start + size;
    const startedAtMs = performance.now();
    work(items.slice(start, end));
    const tookMs = performance.now() - startedAtMs;
    size = Math.ceil(size * Math.min(2, sliceMs / tookMs));
    start = end;
    if (start < items.length && tookMs > sliceMs / 2) await nextTurn();
  }
}

/** A slice of work that has no list. */
export interface Slice {
  /** Returns true after `sliceMs`. */
  isOver(): boolean;
  /** Resolves when the event loop has looked after everything else: the next slice begins. */
  next(): Promise<void>;
}

export function startSlice(): Slice {
  let endsAtMs = performance.now() + sliceMs;
  return {
    isOver: () => performance.now() > endsAtMs,
    async next() {
      await nextTurn();
      endsAtMs = performance.now() + sliceMs;
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => defer(resolve));
}
