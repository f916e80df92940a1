import type { Program } from './program.js';

export interface Measurement {
  /** The longest of all programs, in milliseconds; see `ProbeReport`. */
  stallMs: number;
  lateMs: number;
  busyMs: number;
  gcMs: number;
  /** The program that computed longest. */
  busiest: string;
  /** Of the program with the largest growth, in bytes. */
  rssBytes: { start: number; peak: number };
  program: string;
  /** Live objects and buffers of that program, after a collection of garbage, in bytes. */
  liveBytes: { start: number; end: number };
}

/** Measures programs until it is ended. */
export interface Meter {
  /** Measures a program that has started since, too. */
  add(program: Program): void;
  end(): Promise<Measurement>;
}

const durations = ['stallMs', 'lateMs', 'busyMs', 'gcMs'] as const;

export async function measure(programs: readonly Program[]): Promise<Meter> {
  const liveAtStart = await liveBytesOf(programs);
  const longest = { stallMs: 0, lateMs: 0, busyMs: 0, gcMs: 0 };
  let busiest = '';
  const rss = new Map<string, { start: number; peak: number }>();
  const ends: (() => void)[] = [];
  function add(program: Program): void {
    const end = program.onProbe((report) => {
      if (report.busyMs > longest.busyMs) busiest = program.name;
      for (const name of durations) longest[name] = Math.max(longest[name], report[name]);
      const { rssBytes } = report;
      const known = rss.get(program.name) ?? { start: rssBytes, peak: rssBytes };
      rss.set(program.name, { start: known.start, peak: Math.max(known.peak, rssBytes) });
    });
    ends.push(end);
  }
  async function endAll(): Promise<Measurement> {
    for (const end of ends) end();
    const [program = '', rssBytes = { start: 0, peak: 0 }] =
      [...rss].sort(([, one], [, other]) => other.peak - other.start - (one.peak - one.start))[0] ?? [];
    const liveAtEnd = await liveBytesOf(programs);
    const liveBytes = { start: liveAtStart.get(program) ?? 0, end: liveAtEnd.get(program) ?? 0 };
    return { ...longest, busiest, rssBytes, program, liveBytes };
  }
  for (const program of programs) add(program);
  return { add, end: endAll };
}

async function liveBytesOf(programs: readonly Program[]): Promise<ReadonlyMap<string, number>> {
  const reports = programs.map(async (program) => {
    const report = await program.collect();
    return [program.name, report?.liveBytes ?? 0] as const;
  });
  return new Map(await Promise.all(reports));
}

const quietMs = 20;
const quietReports = 3;

/** Resolves when all programs have started: none computes for long any more, in several reports. */
export async function untilQuiet(programs: readonly Program[]): Promise<void> {
  await Promise.all(
    programs.map(async (program) => {
      const quiet = Promise.withResolvers<void>();
      let left = quietReports;
      const end = program.onProbe(({ busyMs }) => {
        left = busyMs < quietMs ? left - 1 : quietReports;
        if (left === 0) quiet.resolve();
      });
      await Promise.race([quiet.promise, program.ended]);
      end();
    }),
  );
}
