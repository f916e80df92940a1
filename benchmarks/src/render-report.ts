import type { Spread, Summary } from './summarize.js';

const header = ['ratio', 'ours/s', 'by hand/s', 'ratio', 'lowest-highest', 'target', 'verified'];

export function renderReport(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ ratioName, ours, byHand, ratio, target, verified }) => [
    ratioName,
    renderSpread(ours),
    renderSpread(byHand),
    ratio.median.toFixed(2),
    `${ratio.lowest.toFixed(2)}-${ratio.highest.toFixed(2)}`,
    `${ratio.median >= target ? 'met' : 'MISSED'}, ${target}`,
    verified ? 'yes' : 'NO',
  ]);
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function renderSpread({ median, lowest, highest }: Spread): string {
  return `${inThousands(median)} (${inThousands(lowest)}-${inThousands(highest)})`;
}

function inThousands(perSecond: number): string {
  return `${(perSecond / 1_000).toFixed(1)}k`;
}
