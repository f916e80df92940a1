/** Keeps the first items of an order, with bounded memory. */
export interface FirstOf<Item> {
  add(item: Item): void;
  /** Returns at most `max` items, in order. */
  items(): readonly Item[];
  /** Returns the number of items that were not kept. */
  left(): number;
}

export interface FirstOfBytes<Item> {
  /** Bytes of the items that are kept; the first one may have more. While items are added, twice as many are held. */
  readonly maxBytes: number;
  sizeOf(item: Item): number;
}

/**
 * Creates a {@link FirstOf} that keeps `max` items.
 *
 * @param bytes default: no bound
 */
export function createFirstOf<Item>(
  max: number,
  compare: (one: Item, other: Item) => number,
  { maxBytes, sizeOf }: FirstOfBytes<Item> = { maxBytes: Number.POSITIVE_INFINITY, sizeOf: () => 0 },
): FirstOf<Item> {
  let kept: Item[] = [];
  let heldBytes = 0;
  let added = 0;
  /** The first item that was not kept: all items after it are not, whatever their size. */
  let firstLeft: Item | undefined;

  function cut(): Item[] {
    kept.sort(compare);
    heldBytes = 0;
    for (const [index, item] of kept.entries()) {
      const bytes = heldBytes + sizeOf(item);
      if (index >= max || (index > 0 && bytes > maxBytes)) {
        firstLeft = item;
        kept = kept.slice(0, index);
        break;
      }
      heldBytes = bytes;
    }
    return kept;
  }

  return {
    add(item) {
      added++;
      if (firstLeft !== undefined && compare(item, firstLeft) >= 0) return;
      kept.push(item);
      heldBytes += sizeOf(item);
      if (kept.length >= 2 * max || heldBytes > 2 * maxBytes) cut();
    },
    items: cut,
    left: () => added - cut().length,
  };
}
