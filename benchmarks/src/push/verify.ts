import { type KafkaCluster, scanTopic } from '@preservarium/dev-services';
import { createArrivals } from '../arrivals.js';
import { commandOf } from '../numbered-command.js';
import type { Contestant } from './contestant.js';

/** Compares the records of the topic with the pushed commands. */
export interface Verification {
  readonly missing: number;
  readonly repeated: number;
  /** Always 0 where records can only be counted. */
  readonly outOfOrder: number;
}

const readTimeoutMs = 600_000;

/** Reads the whole topic with a client that is none of the contestants' own. */
export async function verify(
  kafka: KafkaCluster,
  topic: string,
  pushed: number,
  writes: Contestant['writes'],
): Promise<Verification> {
  if (writes === 'nothing') return { missing: 0, repeated: 0, outOfOrder: 0 };
  const arrivals = createArrivals();
  let records = 0;
  await scanTopic(
    kafka.settings,
    topic,
    (record) => {
      records++;
      if (writes === 'commands') arrivals.note({ ...commandOf(record), atMs: 0 });
    },
    { timeoutMs: readTimeoutMs },
  );
  if (writes === 'records') {
    return {
      missing: Math.max(0, pushed - records),
      repeated: Math.max(0, records - pushed),
      outOfOrder: 0,
    };
  }
  const { different, repeated, outOfOrder } = arrivals.tally();
  return { missing: pushed - different, repeated, outOfOrder };
}

export function isFaultless({ missing, repeated, outOfOrder }: Verification): boolean {
  return missing === 0 && repeated === 0 && outOfOrder === 0;
}
