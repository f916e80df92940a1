import { existsSync, readFileSync } from 'node:fs';

const status = '/proc/self/status';

/** The most that was resident of this process. Linux includes that of the parent process in `maxRSS`, but not here. */
export function peakResidentBytes(): number {
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1_024;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) ?? [];
  return Number(kibibytes) * 1_024;
}
