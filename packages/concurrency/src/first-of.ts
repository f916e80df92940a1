/** Keeps the first items of an order, with bounded memory. */
export interface FirstOf<Item> {
  add(item: Item): void;
  /** Returns at most `max` items, in order. */
  items(): readonly Item[];
  /** Returns the number of items that were not kept. */
  left(): number;
}

/** Creates a {@link FirstOf} that keeps `max` items. */
export function createFirstOf<Item>(max: number, compare: (one: Item, other: Item) => number): FirstOf<Item> {
  let kept: Item[] = [];
  let added = 0;

  function sorted(): Item[] {
    kept = kept.sort(compare).slice(0, max);
    return kept;
  }

  return {
    add(item) {
      added++;
      kept.push(item);
      if (kept.length >= 2 * max) sorted();
    },
    items: sorted,
    left: () => Math.max(0, added - max),
  };
}
