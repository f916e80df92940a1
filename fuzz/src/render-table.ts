import type { Measurement } from './measure.js';

export interface Row extends Measurement {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
  /** Programs behind it that ended. */
  readonly exits: number;
}

/** Returns one row for each entrance: of those of its rounds. */
export function sumRows(rows: readonly Row[]): Row[] {
  const sums = new Map<string, Row>();
  for (const row of rows) {
    const sum = sums.get(row.name);
    sums.set(row.name, sum === undefined ? row : add(sum, row));
  }
  return [...sums.values()];
}

function add(one: Row, next: Row): Row {
  const grown = one.rssBytes.peak >= next.rssBytes.peak ? one : next;
  return {
    name: one.name,
    inputs: one.inputs + next.inputs,
    seconds: one.seconds + next.seconds,
    exits: one.exits + next.exits,
    stallMs: Math.max(one.stallMs, next.stallMs),
    lateMs: Math.max(one.lateMs, next.lateMs),
    busyMs: Math.max(one.busyMs, next.busyMs),
    gcMs: Math.max(one.gcMs, next.gcMs),
    busiest: one.busyMs >= next.busyMs ? one.busiest : next.busiest,
    rssBytes: { start: one.rssBytes.start, peak: grown.rssBytes.peak },
    program: grown.program,
    liveBytes: { start: one.liveBytes.start, end: next.liveBytes.end },
  };
}

/** The table of a run, in Markdown. */
export function renderTable(rows: readonly Row[], seed: number): string {
  const total = rows.reduce((sum, { inputs }) => sum + inputs, 0);
  const head = [
    'entrance',
    'inputs',
    'seconds',
    'exits',
    'longest stall, ms',
    'with waits for a core',
    'longest pause for garbage, ms',
    'longest computation, ms',
    'program that computed longest',
    'RSS at start, MB',
    'RSS at peak, MB',
    'program that grew most',
    'its live bytes at start, MB',
    'and at end, MB',
  ];
  const rule = head.map((_, column) => ([0, 8, 11].includes(column) ? '---' : '---:'));
  const table = [...[head, rule].map(lineOf), ...rows.map(renderRow)];
  return `${table.join('\n')}\n\n${total} inputs, seed ${seed}\n`;
}

/** One line of the table. */
export function renderRow({
  name,
  inputs,
  seconds,
  exits,
  stallMs,
  lateMs,
  busyMs,
  gcMs,
  busiest,
  rssBytes,
  program,
  liveBytes,
}: Row): string {
  return lineOf([
    `\`${name}\``,
    ...[inputs, seconds, exits, stallMs, lateMs, gcMs, busyMs].map((number) => number.toFixed(0)),
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
