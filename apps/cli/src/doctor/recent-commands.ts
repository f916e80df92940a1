import { type Backend, headerText } from '@preservarium/backend';
import { readToEnd, topicEnds } from '@preservarium/dead-letters';

/** The newest records of the command topic. */
export interface RecentCommands {
  readonly read: number;
  readonly signed: number;
  /** When the newest was written by its own clock, in milliseconds since 1970; 0 without records. */
  readonly newestMs: number;
}

/** Of each partition. */
const lastRecords = 100;

/** Reads the last records of each partition of the command topic. */
export async function readRecentCommands(
  backend: Backend,
  {
    topic,
    timeoutMs,
    signal,
  }: { readonly topic: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<RecentCommands> {
  const ends = await topicEnds(backend, { topic, timeoutMs, signal });
  const found = { read: 0, signed: 0, newestMs: 0 };
  await readToEnd(backend, {
    topic,
    resumeFrom: ({ partition }) => (ends.get(partition) ?? 0) - lastRecords,
    ends,
    timeoutMs,
    signal,
    onRecord({ headers, timestampMs }) {
      found.read++;
      if (headerText(headers, 'signature') !== undefined) found.signed++;
      found.newestMs = Math.max(found.newestMs, timestampMs);
    },
  });
  return found;
}
