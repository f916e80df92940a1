const maxNamesListed = 20;

/** Returns suggestions for an unknown name: `; did you mean "set_led"? Allowed: "blink", "set_led"`. */
export function suggestNames(name: string, allowed: readonly string[]): string {
  if (allowed.length === 0) return '; none is allowed';
  const closest = closestName(name, allowed);
  const question = closest === undefined ? '' : `; did you mean "${closest}"?`;
  const listed = allowed.slice(0, maxNamesListed).map((each) => `"${each}"`);
  const more = allowed.length > maxNamesListed ? `, and ${allowed.length - maxNamesListed} more` : '';
  return `${question === '' ? ';' : question} allowed: ${listed.join(', ')}${more}`;
}

/** The name that is fewest edits away, if that is at most a third of its length, and one in any case. */
export function closestName(name: string, allowed: readonly string[]): string | undefined {
  let closest: string | undefined;
  let fewestEdits = Number.POSITIVE_INFINITY;
  for (const each of allowed) {
    const maxEdits = Math.max(1, Math.floor(each.length / 3));
    // So many more characters are so many edits: names of any length cost little.
    if (Math.abs(each.length - name.length) > maxEdits) continue;
    const edits = countEdits(name.toLowerCase(), each.toLowerCase());
    if (edits > maxEdits || edits >= fewestEdits) continue;
    closest = each;
    fewestEdits = edits;
  }
  return closest;
}

/** Levenshtein's distance: characters to insert, to delete or to replace. */
function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
