export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What is not a number, as of a measurement that failed, does not count. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return {
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    lowest: sorted[0] ?? Number.NaN,
    highest: sorted.at(-1) ?? Number.NaN,
  };
}
