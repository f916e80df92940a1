/** Loaded into a program with `--import`: sends its parent how long its event loop stood still, and how much memory it has. */
import { collectSignal, type MemoryReport } from './memory-report.js';

export interface ProbeReport {
  /** Longest time in which the event loop ran no timer, in milliseconds. Includes the time in which other processes had the core. */
  readonly stallMs: number;
  /** Longest time that the thread computed within one of these, in milliseconds. */
  readonly busyMs: number;
  /** Resident set, in bytes. */
  readonly rssBytes: number;
}

/** A timer costs its program processor time too. */
const tickMs = 20;
const reportMs = 200;

let lastMs = performance.now();
let lastCpuMs = cpuMs();
let stallMs = 0;
let busyMs = 0;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1_000;
}

setInterval(() => {
  const now = performance.now();
  const cpu = cpuMs();
  stallMs = Math.max(stallMs, now - lastMs - tickMs);
  busyMs = Math.max(busyMs, cpu - lastCpuMs);
  lastMs = now;
  lastCpuMs = cpu;
}, tickMs).unref();

setInterval(() => {
  const report: ProbeReport = { stallMs, busyMs, rssBytes: process.memoryUsage.rss() };
  stallMs = 0;
  busyMs = 0;
  if (process.connected) process.send?.({ probe: report }, () => {});
}, reportMs).unref();

process.on(collectSignal, () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const report: MemoryReport = { liveBytes: heapUsed + external };
  if (process.connected) process.send?.({ memory: report }, () => {});
});
