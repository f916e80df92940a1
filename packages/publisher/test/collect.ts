/** All that an async iterable gives, and what it threw at its end, if anything. */
export async function collect<Item>(
  source: AsyncIterable<Item>,
): Promise<{ readonly items: readonly Item[]; readonly error?: unknown }> {
  const items: Item[] = [];
  try {
    for await (const item of source) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items };
}
