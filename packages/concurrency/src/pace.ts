import { startSlice } from './in-slices.js';

/** Works that begin without a look at the time. */
const groupSize = 16;

interface Entry {
  readonly work: () => void;
}

const waiting = new Set<Entry>();
let begun = 0;
let isLooking = false;

/**
 * Begins works of many callers in the order of the calls: the first few of a turn of the event loop at once, the others in later turns. Thousands of
 * works that begin together would otherwise be one long turn.
 *
 * @returns a function that drops the work if it has not begun
 */
export function pace(work: () => void): () => void {
  const entry = { work };
  if (waiting.size === 0 && begun < groupSize) begin(entry);
  else waiting.add(entry);
  return () => waiting.delete(entry);
}

/** Resolves when a work may begin, as `pace` says. */
export function paced(): Promise<void> {
  return new Promise((resolve) => pace(resolve));
}

function begin({ work }: Entry): void {
  begun++;
  if (!isLooking) void beginInSlices();
  work();
}

/** Until a turn of the event loop has passed in which nothing began. */
async function beginInSlices(): Promise<void> {
  isLooking = true;
  const slice = startSlice();
  while (begun > 0 || waiting.size > 0) {
    await slice.next();
    do {
      beginGroup();
      await afterMicrotasks();
    } while (waiting.size > 0 && !slice.isOver());
  }
  isLooking = false;
}

function beginGroup(): void {
  begun = 0;
  for (const entry of waiting) {
    if (begun === groupSize) return;
    waiting.delete(entry);
    begin(entry);
  }
}

/** Microtasks that a work leads to take time too. */
async function afterMicrotasks(): Promise<void> {
  await undefined;
  await new Promise<void>((resolve) => process.nextTick(resolve));
}
