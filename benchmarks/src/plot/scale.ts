/** Where values lie between the two ends of an axis. */
export interface Scale {
  /** From 0 to 1. */
  place(value: number): number;
  /** Values to write at the axis. */
  readonly ticks: readonly number[];
}

/** From the power of ten below the lowest to that above the highest; all values must be greater than 0. */
export function logScale(values: readonly number[]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    place: (value) => (Math.log10(value) - low) / (high - low),
    ticks: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)),
  };
}

/** From 0 to a round number above the highest, in steps of 1, 2 or 5 times a power of ten. */
export function linearScale(values: readonly number[]): Scale {
  const highest = Math.max(...values, Number.MIN_VALUE);
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  const step =
    [0.1, 0.2, 0.5, 1, 2].map((part) => part * magnitude).find((part) => highest / part <= 6) ?? magnitude;
  const steps = Math.ceil(highest / step);
  return {
    place: (value) => value / (steps * step),
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  };
}
