/** Calls `push` with each item, in order, with this many calls in flight. */
export async function withInFlight<Item>(
  items: Iterator<Item>,
  inFlight: number,
  push: (item: Item) => Promise<void>,
): Promise<void> {
  const pushInTurn = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await push(next.value);
  };
  await Promise.all(Array.from({ length: inFlight }, pushInTurn));
}
