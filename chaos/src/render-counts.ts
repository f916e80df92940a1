import type { Count } from './count.js';

/** A table for a person and for Markdown. */
export function renderCounts(
  facts: readonly (readonly [what: string, value: string])[],
  counts: readonly Count[],
): string {
  const rows = [
    ['what', 'counted', 'must be'],
    ...facts.map(([what, value]) => [what, value, '']),
    ...counts.map(({ what, isForbidden, cases }) => [what, String(cases.length), isForbidden ? '0' : '']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    ([what = '', value = '', must = '']) =>
      `| ${what.padEnd(widths[0] ?? 0)} | ${value.padStart(widths[1] ?? 0)} | ${must.padStart(widths[2] ?? 0)} |`,
  );
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column === 0 ? '-' : ':')).join('|')}|`;
  return `${[lines[0], rule, ...lines.slice(1)].join('\n')}\n`;
}
