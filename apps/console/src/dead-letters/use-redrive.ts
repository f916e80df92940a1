import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { apiKey } from '../api/api-key.js';
import { ApiError, api, contentOf } from '../api/client.js';
import type { Redrive } from '../api/types.js';

export interface RedriveResult {
  readonly outcome: Redrive['outcome'] | 'refused' | 'failed';
  readonly message: string;
}

export interface RedriveRun {
  readonly isDryRun: boolean;
  readonly total: number;
  /** By position. */
  readonly results: ReadonlyMap<string, RedriveResult>;
}

const concurrency = 4;

/** Sends dead letters again, some at a time, and knows the outcome of each so far. */
export function useRedrive() {
  const queryClient = useQueryClient();
  const [run, setRun] = useState<RedriveRun>();

  async function start(positions: readonly string[], isDryRun: boolean): Promise<void> {
    const unsent = [...positions];
    const results = new Map<string, RedriveResult>();
    const show = () => setRun({ isDryRun, total: positions.length, results: new Map(results) });
    show();
    async function work(): Promise<void> {
      for (let position = unsent.shift(); position !== undefined; position = unsent.shift()) {
        results.set(position, await redrive(position, isDryRun));
        show();
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work));
    if (!isDryRun) await queryClient.invalidateQueries();
  }

  const isRunning = run !== undefined && run.results.size < run.total;
  return { run, isRunning, start, reset: () => setRun(undefined) };
}

async function redrive(position: string, isDryRun: boolean): Promise<RedriveResult> {
  const params = { path: { position }, query: { dry_run: isDryRun ? 'true' : 'false' } } as const;
  try {
    return await contentOf(api.POST('/v1/dead-letters/{position}:redrive', { params }));
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof ApiError)) return { outcome: 'failed', message: 'the gateway did not answer' };
    if (error.problem.status === 401) apiKey.refuse(message);
    return { outcome: error.problem.status === 409 ? 'refused' : 'failed', message };
  }
}
