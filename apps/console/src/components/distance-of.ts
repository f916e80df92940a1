const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });

/** Returns a distance from now in words: `3m ago`, `in 2h`. @param ms negative for the past */
export function distanceOf(ms: number): string {
  const [unit, unitMs] = units.find(([, size]) => Math.abs(ms) >= size) ?? units[3];
  return format.format(Math.trunc(ms / unitMs), unit);
}
