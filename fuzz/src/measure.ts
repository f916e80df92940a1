import type { Program } from './program.js';

export interface Measurement {
  /** The longest of all programs, in milliseconds. */
  stallMs: number;
  busyMs: number;
  /** Of the program with the largest growth, in bytes. */
  rssBytes: { start: number; peak: number };
  program: string;
}

/** Measures the programs until it is ended. */
export function measure(programs: readonly Program[]): () => Measurement {
  let stallMs = 0;
  let busyMs = 0;
  const rss = new Map<string, { start: number; peak: number }>();
  const ends = programs.map((program) =>
    program.onProbe((report) => {
      stallMs = Math.max(stallMs, report.stallMs);
      busyMs = Math.max(busyMs, report.busyMs);
      const { rssBytes } = report;
      const known = rss.get(program.name) ?? { start: rssBytes, peak: rssBytes };
      rss.set(program.name, { start: known.start, peak: Math.max(known.peak, rssBytes) });
    }),
  );
  return () => {
    for (const end of ends) end();
    const [program = '', rssBytes = { start: 0, peak: 0 }] =
      [...rss].sort(([, one], [, other]) => other.peak - other.start - (one.peak - one.start))[0] ?? [];
    return { stallMs, busyMs, rssBytes, program };
  };
}
