/** First in, first out. Items can be dropped from the middle, at no more cost than taking them. */
export interface Queue<Item> {
  push(item: Item): void;
  /** The oldest item, left where it is. */
  first(): Item | undefined;
  /** Takes away the oldest item. */
  shift(): void;
  /** Takes away an item wherever it is; it must be in the queue. */
  drop(item: Item): void;
}

export function createQueue<Item>(): Queue<Item> {
  const dropped = new Set<Item>();
  let items: Item[] = [];
  let head = 0;

  /** Copies what is left once it is less than half of the array, so that nothing taken away is kept for long. */
  function sweep(): void {
    if (2 * (head + dropped.size) <= items.length) return;
    items = items.slice(head).filter((item) => !dropped.has(item));
    dropped.clear();
    head = 0;
  }

  function first(): Item | undefined {
    for (; head < items.length; head++) {
      const item = items[head] as Item;
      if (!dropped.delete(item)) return item;
    }
    return undefined;
  }

  return {
    push: (item) => {
      items.push(item);
    },
    first,
    shift() {
      first();
      head++;
      sweep();
    },
    drop(item) {
      dropped.add(item);
      sweep();
    },
  };
}
