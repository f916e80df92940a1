/**
 * The items of the chunks, one after the other. An async generator that yields each item would do the same, but costs a
 * bulk push three promises for each command; this takes one.
 */
export function flattenChunks<Item>(
  chunks: AsyncGenerator<readonly Item[], void>,
): AsyncIterableIterator<Item, void, undefined> {
  let chunk: readonly Item[] = [];
  let position = 0;
  /** Calls of `next` that wait for a chunk; later ones wait behind them. */
  let waiting = 0;
  let lastWaiting: Promise<unknown> = Promise.resolve();

  async function nextFromChunks(): Promise<IteratorResult<Item, void>> {
    while (position === chunk.length) {
      const result = await chunks.next();
      if (result.done === true) return { done: true, value: undefined };
      chunk = result.value;
      position = 0;
    }
    return { done: false, value: chunk[position++] as Item };
  }

  return {
    next() {
      if (waiting === 0 && position < chunk.length) {
        return Promise.resolve({ done: false, value: chunk[position++] as Item });
      }
      waiting++;
      const result = lastWaiting.then(nextFromChunks, nextFromChunks).finally(() => {
        waiting--;
      });
      lastWaiting = result;
      return result;
    },
    async return() {
      chunk = [];
      position = 0;
      await chunks.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
