/** Calls `push` with each item, in order, with so many of the calls under way at any time. */
export async function withInFlight<Item>(
  items: readonly Item[],
  inFlight: number,
  push: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const pushInTurn = async () => {
    for (const [index, item] of queue) await push(item, index);
  };
  await Promise.all(Array.from({ length: inFlight }, pushInTurn));
}
