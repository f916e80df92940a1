export interface MapInOrderOptions {
  /** Items whose results are not read yet, at most. */
  readonly maxInFlight: number;
}

/**
 * Iterates over the results of `map` in the order of the items, which are read ahead of them. `map` is called in that order, and is not waited for
 * before its next call. Where the source throws, the results of the items before come first.
 *
 * @throws what the source and `map` throw
 */
export async function* mapInOrder<Item, Result>(
  source: AsyncIterable<Item>,
  map: (item: Item) => Promise<Result>,
  { maxInFlight }: MapInOrderOptions,
): AsyncGenerator<Result, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  const inFlight: Promise<Result>[] = [];
  let reading: Promise<'read'> | undefined;
  let end: { readonly error?: unknown } | undefined;

  async function readNext(): Promise<'read'> {
    try {
      const { done, value } = await items.next();
      if (done) end = {};
      else add(value);
    } catch (error) {
      end = { error };
    }
    reading = undefined;
    return 'read';
  }

  function add(item: Item): void {
    const mapping = map(item);
    // It is awaited after those before it.
    mapping.catch(() => {});
    inFlight.push(mapping);
  }

  try {
    while (end === undefined || inFlight.length > 0) {
      if (end === undefined && inFlight.length < maxInFlight) reading ??= readNext();
      const [first] = inFlight;
      if (first === undefined) {
        await reading;
        continue;
      }
      if (reading !== undefined && (await Promise.race([first.then(() => 'mapped'), reading])) === 'read')
        continue;
      inFlight.shift();
      yield await first;
    }
    if (end.error !== undefined) throw end.error;
  } finally {
    // Not awaited: a source that waits for its next item ends only once that has come.
    items.return?.().catch(() => {});
  }
}
