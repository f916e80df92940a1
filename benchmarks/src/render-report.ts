import { type BenchmarkResult, type Figure, isMet, type Target, type Verdict } from './benchmark.js';
import type { Spread } from './spread.js';

export function renderReport({
  settings,
  notes,
  figures,
  table,
  verdicts,
  failures,
}: BenchmarkResult): string {
  const parts = [
    ...groupsOf(figures).map(renderFigures),
    table === undefined ? '' : `${table}\n`,
    renderVerdicts(verdicts),
    [...linesOfSettings(settings), ...notes].map((line) => `${line}\n`).join(''),
    failures.length === 0
      ? 'verified: nothing lost, nothing out of order\n'
      : `NOT VERIFIED\n${failures.map((failure) => `  ${failure}\n`).join('')}`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function renderVerdicts(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return '';
  return renderTable(
    ['comparison', 'median', 'lowest-highest', 'target'],
    verdicts.map((verdict) => [verdict.name, ...renderSpread(verdict.spread), renderTarget(verdict)]),
  );
}

/** Those with the same settings share a line, and those that differ in nothing but how many are in flight a name. */
function linesOfSettings(settings: BenchmarkResult['settings']): readonly string[] {
  const names = Map.groupBy(Object.keys(settings), (name) => settings[name]);
  return [...names].map(([setting, ofSetting]) => {
    const withoutInFlight = new Set(ofSetting.map((name) => name.split('@')[0]));
    return `${[...withoutInFlight].join(', ')}: ${setting}`;
  });
}

interface Group {
  readonly names: readonly string[];
  readonly figures: readonly Figure[];
}

/** Figures that stand together share a table, as far as they share a unit. */
function groupsOf(figures: readonly Figure[]): readonly Group[] {
  const groups: { names: string[]; figures: Figure[] }[] = [];
  for (const figure of figures) {
    const last = groups.at(-1);
    const belongs = last?.figures.some(({ name, unit }) => name === figure.name || unit === figure.unit);
    const group = last !== undefined && belongs ? last : { names: [], figures: [] };
    if (group !== last) groups.push(group);
    if (!group.names.includes(figure.name)) group.names.push(figure.name);
    group.figures.push(figure);
  }
  return groups;
}

/** A line for each name and a column for each unit; in it the median, with the lowest and the highest. */
function renderFigures({ names, figures }: Group): string {
  const units = [...new Set(figures.map(({ unit }) => unit))];
  return renderTable(
    ['', ...units],
    names.map((name) => [
      name,
      ...units.map((unit) => {
        const figure = figures.find((each) => each.name === name && each.unit === unit);
        return figure === undefined ? '' : renderSpread(figure.spread).join(' ');
      }),
    ]),
  );
}

function renderTarget(verdict: Verdict): string {
  if (verdict.target === undefined) return '';
  return `${isMet(verdict, verdict.target) ? 'MET' : 'MISSED'}, ${inWords(verdict.target)}${verdict.unit ? ` ${verdict.unit}` : ''}`;
}

function inWords(target: Target): string {
  return 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
}

/** The lowest and the highest say nothing where there was but one. */
function renderSpread({ median, lowest, highest }: Spread): [string, string] {
  return [
    renderNumber(median),
    lowest === highest ? '' : `(${renderNumber(lowest)}-${renderNumber(highest)})`,
  ];
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
