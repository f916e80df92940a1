import type { ConsumedRecord } from '@preservarium/backend';
import { readChangelogRecord } from './changelog.js';
import { type Claims, createClaims, noClaim } from './claims.js';

/** One consumer group of connectors, as the waiting topic describes it. */
export interface SurveyedGroup {
  /** The protocol of its connectors; undefined if only earlier versions, which did not say it, have claimed partitions. */
  readonly protocol: string | undefined;
  /** How many deferred commands wait. */
  readonly waiting: number;
  /** Since when the one that waits longest does, in milliseconds since 1970. */
  readonly oldestMs: number | undefined;
}

/** Reads the waiting topic as the next owners of its partitions would, for all groups at once. */
export interface ChangelogSurvey {
  /**
   * Reads a record. Each partition must be read in the order of its offsets, from the lowest committed offset of the groups or from before it.
   * Records before the claim under which they were written count for nothing.
   */
  read(record: ConsumedRecord): void;
  /** As `protocol` of the group; undefined for one that has not claimed a partition in what was read. */
  protocolOf(groupId: string): string | undefined;
  /** The groups that have claimed a partition in what was read, by id. */
  groups(): ReadonlyMap<string, SurveyedGroup>;
}

interface GroupOfPartition {
  readonly claims: Claims;
  /** When each deferred command was first deferred, by its offset in the command topic. */
  readonly deferred: Map<number, number>;
}

interface Group {
  protocol: string | undefined;
  readonly partitions: Map<number, GroupOfPartition>;
}

export function createChangelogSurvey(): ChangelogSurvey {
  const groups = new Map<string, Group>();

  function partitionOf({ partitions }: Group, partition: number): GroupOfPartition {
    const known = partitions.get(partition) ?? { claims: createClaims(noClaim), deferred: new Map() };
    partitions.set(partition, known);
    return known;
  }

  return {
    read(record) {
      const entry = readChangelogRecord(record);
      if (entry.type === 'claim') {
        const group: Group = groups.get(entry.groupId) ?? { protocol: undefined, partitions: new Map() };
        groups.set(entry.groupId, group);
        const isValid = partitionOf(group, record.partition).claims.read(entry);
        if (isValid) group.protocol = entry.protocol ?? group.protocol;
      } else if (entry.type === 'deferred' || entry.type === 'done') {
        const group = groups.get(entry.groupId);
        const partition = group && partitionOf(group, record.partition);
        // Anything else was written by a connector that did not know yet of another owner.
        if (partition?.claims.current().claimId !== entry.claimId) return;
        if (entry.type === 'done') partition.deferred.delete(entry.source.offset);
        else partition.deferred.set(entry.deferred.record.offset, entry.deferred.sinceMs);
      }
    },
    protocolOf: (groupId) => groups.get(groupId)?.protocol,
    groups: () =>
      new Map(
        [...groups].map(([groupId, { protocol, partitions }]) => {
          let waiting = 0;
          let oldestMs: number | undefined;
          for (const { deferred } of partitions.values()) {
            waiting += deferred.size;
            for (const sinceMs of deferred.values()) oldestMs = Math.min(sinceMs, oldestMs ?? sinceMs);
          }
          return [groupId, { protocol, waiting, oldestMs }];
        }),
      ),
  };
}
