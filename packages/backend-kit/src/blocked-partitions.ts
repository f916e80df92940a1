import type { BlockedPartition, Logger } from '@preservarium/backend';
import type { AssignedPartitions } from './assigned-partitions.js';
import { partitionId } from './partition-id.js';

/** The partitions of a subscription whose next records cannot be decompressed. */
export interface BlockedPartitions {
  /** Logs a partition that was not known to be blocked there. */
  note(blocked: BlockedPartition): void;
  /** Returns those that are assigned and have not moved on since. */
  list(): readonly BlockedPartition[];
}

export function createBlockedPartitions({
  groupId,
  partitions,
  logger,
}: {
  readonly groupId: string;
  readonly partitions: Pick<AssignedPartitions, 'queueOf'>;
  readonly logger: Logger;
}): BlockedPartitions {
  const noted = new Map<string, BlockedPartition>();

  return {
    note(blocked) {
      const id = partitionId(blocked);
      if (noted.get(id)?.offset === blocked.offset) return;
      noted.set(id, blocked);
      const { codec } = blocked;
      logger.error(
        { groupId, ...blocked },
        `the partition cannot be read on: its records are compressed with ${codec}, which this client lacks. Use a client that has ${codec}, or delete the records; the other partitions go on`,
      );
    },
    list: () =>
      [...noted.values()].filter((blocked) => {
        const position = partitions.queueOf(blocked)?.position();
        return position !== undefined && position <= blocked.offset;
      }),
  };
}
