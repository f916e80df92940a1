import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import { maxBatchRecords, type PartitionRecords } from './kafkajs-requests.js';

/** A batch that its partition has not written. */
export interface PendingRecords extends PartitionRecords {
  /** In milliseconds since 1970. */
  readonly deadlineAtMs: number;
  answer(outcomes: readonly PublishOutcome[]): void;
}

/** A partition with a batch in flight or about to be, and the batches that wait for it. */
interface PartitionQueue {
  readonly id: string;
  readonly waiting: PendingRecords[];
}

/** The batch of a partition that is written next. */
export interface Turn extends PendingRecords {
  readonly queue: PartitionQueue;
}

/** The batches of all partitions: of each partition, one at a time has its turn. */
export interface PartitionQueues {
  /** Returns whether an earlier batch of the partition is not written yet. */
  isBusy(of: Pick<PartitionRecords, 'topic' | 'partition'>): boolean;
  add(pending: PendingRecords): void;
  /** Ends a turn: what waits for its partition has the next one. */
  release(turn: Turn): void;
}

/** @param onTurns takes the turns that begin side by side: of several partitions, one each */
export function createPartitionQueues(onTurns: (turns: readonly Turn[]) => void): PartitionQueues {
  /** A partition that is not busy has no entry. */
  const queues = new Map<string, PartitionQueue>();
  const beginning: PartitionQueue[] = [];

  /** In a microtask, so that partitions that begin side by side go together. */
  function begin(queue: PartitionQueue): void {
    beginning.push(queue);
    if (beginning.length === 1) queueMicrotask(() => onTurns(beginning.splice(0).map(takeTurn)));
  }

  return {
    isBusy: (of) => queues.has(partitionId(of)),
    add(pending) {
      const id = partitionId(pending);
      const queue = queues.get(id);
      if (queue !== undefined) {
        queue.waiting.push(pending);
        return;
      }
      const opened = { id, waiting: [pending] };
      queues.set(id, opened);
      begin(opened);
    },
    release({ queue }) {
      if (queue.waiting.length > 0) begin(queue);
      else queues.delete(queue.id);
    },
  };
}

/** Takes the first batch, and with it as many of those that waited behind it as fit into a request. */
function takeTurn(queue: PartitionQueue): Turn {
  let count = 0;
  const next = queue.waiting.findIndex((pending, index) => {
    count += pending.records.length;
    return index > 0 && count > maxBatchRecords;
  });
  const taken = queue.waiting.splice(0, next === -1 ? queue.waiting.length : next);
  const [first] = taken as [PendingRecords];
  if (taken.length === 1) return { ...first, queue };
  return {
    ...first,
    queue,
    records: taken.flatMap(({ records }): readonly PublishRecord[] => records),
    deadlineAtMs: Math.max(...taken.map(({ deadlineAtMs }) => deadlineAtMs)),
    answer(outcomes) {
      let start = 0;
      for (const { records, answer } of taken) {
        answer(outcomes.slice(start, start + records.length));
        start += records.length;
      }
    },
  };
}
