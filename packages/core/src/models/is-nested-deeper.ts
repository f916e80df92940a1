/**
 * Returns whether objects and arrays in `value` are nested more than `maxDepth` levels deep; `value` itself is the first. It goes
 * level by level without recursion, so no nesting overflows the stack, and visits no level below the limit. For parsed JSON: a
 * value that refers to one object many times is visited as many times.
 */
export function isNestedDeeper(value: unknown, maxDepth: number): boolean {
  let level = isContainer(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    const below: object[] = [];
    for (const container of level) {
      for (const child of Object.values(container)) if (isContainer(child)) below.push(child);
    }
    level = below;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
