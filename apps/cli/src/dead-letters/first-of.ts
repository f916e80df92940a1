/** Keeps those items that come first in an order, however many are added. */
export interface FirstOf<Item> {
  add(item: Item): void;
  /** At most `max`, in order. */
  items(): readonly Item[];
  /** How many were added and not kept. */
  left(): number;
}

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
