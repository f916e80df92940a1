import type { Measurement } from './measure.js';

export interface Row extends Measurement {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
}

/** The table of a run, in Markdown. */
export function renderTable(rows: readonly Row[], seed: number): string {
  const total = rows.reduce((sum, { inputs }) => sum + inputs, 0);
  const head = [
    'entrance',
    'inputs',
    'seconds',
    'longest stall, ms',
    'longest computation, ms',
    'program',
    'RSS at start, MB',
    'RSS at peak, MB',
    'program that grew most',
    'its live bytes at start, MB',
    'and at end, MB',
  ];
  const rule = head.map((_, column) => ([0, 5, 8].includes(column) ? '---' : '---:'));
  const table = [...[head, rule].map(lineOf), ...rows.map(renderRow)];
  return `${table.join('\n')}\n\n${total} inputs, seed ${seed}\n`;
}

/** One line of the table. */
export function renderRow({
  name,
  inputs,
  seconds,
  stallMs,
  busyMs,
  busiest,
  rssBytes,
  program,
  liveBytes,
}: Row): string {
  return lineOf([
    `\`${name}\``,
    ...[inputs, seconds, stallMs, busyMs].map((number) => number.toFixed(0)),
    busiest,
    ...[rssBytes.start, rssBytes.peak].map(megabytes),
    program,
    ...[liveBytes.start, liveBytes.end].map(megabytes),
  ]);
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
