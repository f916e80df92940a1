import { PusherError } from '@preservarium/core';
import { HttpError } from '../http/problem.js';

/** Counts of pushes since the start, as the status of the original API has them. */
export interface PushCounts {
  sent(): void;
  failed(error: unknown): void;
  read(): {
    readonly commands_sent_total: number;
    readonly commands_failed_total: number;
    readonly uptime_seconds: number;
    readonly last_error: string | null;
    readonly last_error_time: string | null;
  };
}

export function createPushCounts(): PushCounts {
  const startedAtMs = performance.now();
  let sentCount = 0;
  let failedCount = 0;
  let lastError: { readonly message: string; readonly at: Date } | undefined;
  return {
    sent() {
      sentCount++;
    },
    failed(error) {
      failedCount++;
      // The code alone: the message may name devices that another caller may not see.
      lastError = { message: codeOf(error), at: new Date() };
    },
    read: () => ({
      commands_sent_total: sentCount,
      commands_failed_total: failedCount,
      uptime_seconds: Math.floor((performance.now() - startedAtMs) / 1_000),
      last_error: lastError?.message ?? null,
      last_error_time: lastError?.at.toISOString() ?? null,
    }),
  };
}

function codeOf(error: unknown): string {
  if (error instanceof HttpError) return error.problem.code;
  return PusherError.isInstance(error) ? error.code : 'UNEXPECTED';
}
