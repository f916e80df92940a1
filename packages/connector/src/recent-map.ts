/** Remembers the latest keys: at least as many as it must, and at most twice as many. */
export interface RecentMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Two generations of which the older is forgotten as a whole: to forget key by key costs more than to remember them. */
export function createRecentMap<Value>(atLeast: number): RecentMap<Value> {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();
  return {
    get: (key) => recent.get(key) ?? older.get(key),
    set(key, value) {
      recent.set(key, value);
      if (recent.size < atLeast) return;
      older = recent;
      recent = new Map();
    },
  };
}
