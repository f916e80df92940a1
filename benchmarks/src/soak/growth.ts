/** The live heap after so many commands. */
export interface LiveHeap {
  readonly commands: number;
  readonly bytes: number;
}

/** Returns the slope of the line that fits the live heap best, in MB for each million of commands. */
export function growthPerMillion(heaps: readonly LiveHeap[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const millions = heaps.map(({ commands }) => commands / 1e6);
  const megabytes = heaps.map(({ bytes }) => bytes / 1e6);
  const [meanMillions, meanMegabytes] = [mean(millions), mean(megabytes)];
  const deviations = millions.map((value) => value - meanMillions);
  const covariance = mean(
    deviations.map((deviation, index) => deviation * ((megabytes[index] ?? 0) - meanMegabytes)),
  );
  return covariance / mean(deviations.map((deviation) => deviation ** 2));
}
