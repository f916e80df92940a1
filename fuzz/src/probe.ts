/** Loaded into a program with `--import`: sends its parent how long its event loop stood still, and how much memory it has. */
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { collectSignal, type MemoryReport } from './memory-report.js';

export interface ProbeReport {
  /** Longest time in which the event loop ran no timer, without the time in which the thread waited for a core, in milliseconds. */
  readonly stallMs: number;
  /** The same with the time in which other processes had the core. */
  readonly lateMs: number;
  /** Longest time that the thread computed within one of these, in milliseconds. */
  readonly busyMs: number;
  /** Longest pause for the collection of garbage, in milliseconds. Its helpers may wait for a core. */
  readonly gcMs: number;
  /** Resident set, in bytes. */
  readonly rssBytes: number;
}

/** A timer costs its program processor time too. */
const tickMs = 20;
const reportMs = 200;

/** Returns false while a program loads its code, which holds up nobody: it has waited for nothing yet. */
function hasStarted(): boolean {
  return performance.eventLoopUtilization().idle > 0;
}

/** A program starts others with its own arguments for Node: they have no driver to report to. */
const isOfDriver = process.env.FUZZ_DRIVER === String(process.ppid);

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1_000;
}

/** Returns a function for the time in which this thread was ready to run and had no core, in milliseconds; 0 where the system does not count it. */
function openWaits(): () => number {
  const bytes = Buffer.alloc(100);
  try {
    const file = openSync('/proc/self/schedstat', 'r');
    return () => {
      const length = readSync(file, bytes, 0, bytes.length, 0);
      return Number(bytes.toString('latin1', 0, length).split(' ')[1]) / 1e6;
    };
  } catch {
    return () => 0;
  }
}

function startProbe(): void {
  const waitedMs = openWaits();
  const none = { stallMs: 0, lateMs: 0, busyMs: 0, gcMs: 0 };
  let longest = { ...none };
  let isStarted = false;
  let last = { atMs: performance.now(), cpuMs: cpuMs(), waitedMs: waitedMs() };
  setInterval(() => {
    const now = { atMs: performance.now(), cpuMs: cpuMs(), waitedMs: waitedMs() };
    const lateMs = now.atMs - last.atMs - tickMs;
    if (!isStarted) {
      isStarted = hasStarted();
      longest = { ...none };
      last = now;
      return;
    }
    longest.lateMs = Math.max(longest.lateMs, lateMs);
    longest.stallMs = Math.max(longest.stallMs, lateMs - (now.waitedMs - last.waitedMs));
    longest.busyMs = Math.max(longest.busyMs, now.cpuMs - last.cpuMs);
    last = now;
  }, tickMs).unref();

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest.gcMs = Math.max(longest.gcMs, duration);
  }).observe({ entryTypes: ['gc'] });

  setInterval(() => {
    const report: ProbeReport = { ...longest, rssBytes: process.memoryUsage.rss() };
    longest = { ...none };
    if (process.connected) process.send?.({ probe: report }, () => {});
  }, reportMs).unref();

  process.on(collectSignal, () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const report: MemoryReport = { liveBytes: heapUsed + external };
    if (process.connected) process.send?.({ memory: report }, () => {});
  });
}

if (isOfDriver) startProbe();
