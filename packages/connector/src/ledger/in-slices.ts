/** About 10 ms of work. */
const sliceSize = 250;

/** Calls `work` with one slice of the list after another; the event loop goes on in between. */
export async function inSlices<Item>(
  items: readonly Item[],
  work: (slice: readonly Item[]) => void,
): Promise<void> {
  if (items.length <= sliceSize) {
    work(items);
    return;
  }
  for (let start = 0; start < items.length; start += sliceSize) {
    work(items.slice(start, start + sliceSize));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
