/** Things that wait for news of a command, found by its request id; several may wait for the same. */
export interface ByRequestId<Item> {
  add(requestId: string | undefined, item: Item): void;
  remove(requestId: string | undefined, item: Item): void;
  /** Those of the command, and those added without an id, which are for all commands. */
  of(requestId: string): readonly Item[];
  all(): readonly Item[];
}

export function createByRequestId<Item>(): ByRequestId<Item> {
  const items = new Map<string | undefined, Set<Item>>();
  return {
    add(requestId, item) {
      const added = items.get(requestId);
      if (added === undefined) items.set(requestId, new Set([item]));
      else added.add(item);
    },
    remove(requestId, item) {
      const left = items.get(requestId);
      left?.delete(item);
      if (left?.size === 0) items.delete(requestId);
    },
    of: (requestId) => [...(items.get(requestId) ?? []), ...(items.get(undefined) ?? [])],
    all: () => [...items.values()].flatMap((each) => [...each]),
  };
}
