/** Items that are found by a key. Several may have the same key; an item without a key is found by every key. */
export interface KeyedSet<Item> {
  add(key: string | undefined, item: Item): void;
  remove(key: string | undefined, item: Item): void;
  /** Returns the items with this key and those without one, as they are now. */
  of(key: string): readonly Item[];
  all(): readonly Item[];
}

/** Returns an empty set; keys without items take no memory. */
export function createKeyedSet<Item>(): KeyedSet<Item> {
  const items = new Map<string | undefined, Set<Item>>();
  return {
    add(key, item) {
      const added = items.get(key);
      if (added === undefined) items.set(key, new Set([item]));
      else added.add(item);
    },
    remove(key, item) {
      const left = items.get(key);
      left?.delete(item);
      if (left?.size === 0) items.delete(key);
    },
    of: (key) => [...(items.get(key) ?? []), ...(items.get(undefined) ?? [])],
    all: () => [...items.values()].flatMap((each) => [...each]),
  };
}
