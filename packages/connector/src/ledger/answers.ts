import type { DeviceReport } from '@preservarium/deliverer';
import QuickLRU from 'quick-lru';
import type { CommandTarget } from '../pending-command.js';

/** As many as are remembered; up to twice as many are. */
const maxAnswers = 10_000;

/** Reports of devices that other connectors have read, and that have ended no command yet. */
export interface Answers {
  add(report: DeviceReport): void;
  to(target: CommandTarget): DeviceReport | undefined;
  removeIf(hasEnded: (report: DeviceReport) => boolean): void;
}

export function createAnswers(): Answers {
  const reports = new QuickLRU<string, DeviceReport>({ maxSize: maxAnswers });
  return {
    add: (report) => reports.set(keyOf(report), report),
    to: (target) => (reports.size === 0 ? undefined : reports.get(keyOf(target))),
    removeIf(hasEnded) {
      for (const [key, report] of [...reports]) if (hasEnded(report)) reports.delete(key);
    },
  };
}

function keyOf({ deviceId, requestId }: CommandTarget): string {
  return `${deviceId}\n${requestId}`;
}
