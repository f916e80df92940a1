import { type BenchmarkResult, isMet, type Target, type Verdict } from './benchmark.js';
import type { Spread } from './spread.js';

export function renderReport({ figures, verdicts, verified }: BenchmarkResult): string {
  return [
    renderTable(
      ['figure', 'median', 'lowest-highest', 'unit'],
      figures.map(({ name, spread, unit }) => [name, ...renderSpread(spread), unit]),
    ),
    renderTable(
      ['comparison', 'median', 'lowest-highest', 'target'],
      verdicts.map((verdict) => [verdict.name, ...renderSpread(verdict.spread), renderTarget(verdict)]),
    ),
    verified ? 'verified: nothing lost, nothing out of order\n' : 'NOT VERIFIED: see the lines above\n',
  ].join('\n');
}

function renderTarget(verdict: Verdict): string {
  if (verdict.target === undefined) return '';
  return `${isMet(verdict, verdict.target) ? 'met' : 'MISSED'}, ${inWords(verdict.target)}${verdict.unit ? ` ${verdict.unit}` : ''}`;
}

function inWords(target: Target): string {
  return 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
}

function renderSpread({ median, lowest, highest }: Spread): [string, string] {
  return [renderNumber(median), `${renderNumber(lowest)}-${renderNumber(highest)}`];
}

/** Three significant digits, as many as a round can be trusted with. */
function renderNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
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
