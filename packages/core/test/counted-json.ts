/** Wraps parsed JSON so that each read of a property or of the list of keys, at any depth, is counted. */
export function countedJson(value: unknown): { readonly value: unknown; readonly reads: () => number } {
  let reads = 0;
  const wrap = (inner: unknown): unknown => {
    if (typeof inner !== 'object' || inner === null) return inner;
    return new Proxy(inner, {
      get(target, key, receiver) {
        reads++;
        const child: unknown = Reflect.get(target, key, receiver);
        return typeof key === 'string' ? wrap(child) : child;
      },
      ownKeys(target) {
        reads++;
        return Reflect.ownKeys(target);
      },
    });
  };
  return { value: wrap(value), reads: () => reads };
}

/** Number of objects, arrays, texts, numbers, booleans and nulls in parsed JSON. */
export function countValues(value: unknown): number {
  let values = 0;
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    values++;
    if (typeof next === 'object' && next !== null)
      for (const child of Object.values(next)) pending.push(child);
  }
  return values;
}
