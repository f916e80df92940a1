import type { ConsumedRecord } from '@preservarium/backend';
import { within } from './within.js';

/** Collects what a subscription hands over. */
export interface Inbox {
  readonly records: ConsumedRecord[];
  add(records: readonly ConsumedRecord[]): void;
  /** Resolves when `done` says so of the records so far; rejects after 45 s with what was missing. */
  until(done: (records: readonly ConsumedRecord[]) => boolean, what: string): Promise<void>;
}

const timeoutMs = 45_000;

export function createInbox(): Inbox {
  const records: ConsumedRecord[] = [];
  const checks = new Set<() => void>();

  return {
    records,
    add(added) {
      records.push(...added);
      for (const check of checks) check();
    },
    async until(done, what) {
      let check = () => {};
      const happened = new Promise<void>((resolve) => {
        check = () => {
          if (done(records)) resolve();
        };
      });
      checks.add(check);
      check();
      try {
        await within(happened, timeoutMs, what);
      } finally {
        checks.delete(check);
      }
    },
  };
}
