/** Remembers the latest keys, up to a limit; the one that came first is forgotten first. */
export interface RecentMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

export function createRecentMap<Value>(limit: number): RecentMap<Value> {
  const values = new Map<string, Value>();
  // A ring: asking a Map for its oldest key takes the longer the more were deleted before it.
  const keys: string[] = [];
  let next = 0;
  return {
    get: (key) => values.get(key),
    set(key, value) {
      if (!values.has(key)) {
        const oldest = keys[next];
        if (oldest !== undefined) values.delete(oldest);
        keys[next] = key;
        next = (next + 1) % limit;
      }
      values.set(key, value);
    },
  };
}
