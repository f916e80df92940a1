import type { AssignedPartition, Logger, StartFrom } from '@preservarium/backend';

/** Warns of the commands that a new group does not deliver, and says how they would be. */
export function warnOfSkipped(
  logger: Logger,
  partitions: readonly AssignedPartition[],
  { groupId, from }: { readonly groupId: string; readonly from: StartFrom },
): void {
  const skippedCommands = partitions.reduce((sum, { skippedRecords }) => sum + skippedRecords, 0);
  if (skippedCommands === 0) return;
  logger.warn(
    { groupId, from, skippedCommands },
    `the group is new on the command topic and skips ${skippedCommands} older records: ` +
      'only a group with another id and from "beginning" delivers them (--group-id, --from beginning)',
  );
}
