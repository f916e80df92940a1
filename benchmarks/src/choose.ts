/**
 * Those that were asked for by name.
 *
 * @throws TypeError for a name that there is not
 */
export function choose<Item>(
  all: readonly Item[],
  names: readonly string[],
  nameOf: (item: Item) => string,
): readonly Item[] {
  const known = new Set(all.map(nameOf));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new TypeError(`there is no contestant "${unknown}"; there are ${[...known].join(', ')}`);
  }
  return all.filter((item) => names.includes(nameOf(item)));
}
