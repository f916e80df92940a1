import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Cuts a source into arrays of at most `size` items. A source that pauses does not hold back what it gave before: what
 * there is at the end of a turn of the event loop is a chunk. Leaving the loop closes the source.
 */
export async function* chunksOf<Item>(
  source: Iterable<Item> | AsyncIterable<Item>,
  size: number,
): AsyncGenerator<Item[], void, undefined> {
  yield* Symbol.asyncIterator in source ? chunksOfAsync(source, size) : chunksOfSync(source, size);
}

async function* chunksOfSync<Item>(
  source: Iterable<Item>,
  size: number,
): AsyncGenerator<Item[], void, undefined> {
  let chunk: Item[] = [];
  try {
    for (const item of source) {
      chunk.push(item);
      if (chunk.length < size) continue;
      const full = chunk;
      chunk = [];
      yield full;
      // Without this a source that never waits would keep the event loop from its other work.
      await nextTurn();
    }
  } catch (error) {
    if (chunk.length > 0) yield chunk;
    throw error;
  }
  if (chunk.length > 0) yield chunk;
}

async function* chunksOfAsync<Item>(
  source: AsyncIterable<Item>,
  size: number,
): AsyncGenerator<Item[], void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Item>> | undefined;
  let endOfTurn: Promise<'end of turn'> | undefined;
  let chunk: Item[] = [];
  const takeChunk = () => {
    const taken = chunk;
    chunk = [];
    endOfTurn = undefined;
    return taken;
  };
  try {
    for (;;) {
      pending ??= iterator.next();
      const next = await (endOfTurn === undefined ? pending : Promise.race([pending, endOfTurn]));
      if (next === 'end of turn') {
        yield takeChunk();
        continue;
      }
      pending = undefined;
      if (next.done === true) break;
      chunk.push(next.value);
      endOfTurn ??= nextTurn('end of turn' as const);
      if (chunk.length < size) continue;
      const turn = endOfTurn;
      yield takeChunk();
      // As above: a source may be asynchronous and never wait.
      await turn;
    }
    if (chunk.length > 0) yield takeChunk();
  } catch (error) {
    if (chunk.length > 0) yield takeChunk();
    throw error;
  } finally {
    await iterator.return?.();
  }
}
