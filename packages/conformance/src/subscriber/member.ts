import { randomUUID } from 'node:crypto';
import type {
  Backend,
  ConsumedRecord,
  SubscribeOptions,
  Subscription,
  TopicPartition,
} from '@preservarium/backend';
import { createInbox, type Inbox } from '../inbox.js';

/** A member of a group that collects what it is handed. */
export interface Member {
  readonly inbox: Inbox;
  readonly subscription: Subscription;
  /** Partitions of the topic that it has now, in order. */
  owned(): number[];
  /** Marks as processed all that has been handed over. */
  markAllProcessed(): void;
}

export interface JoinOptions extends Partial<SubscribeOptions> {
  readonly topic: string;
  /** Called with each assignment and each revocation, after it has been noted. */
  onOwnedChanged?(): void;
}

/** Joins a group, by default a new one from the beginning. */
export async function join(backend: Backend, options: JoinOptions): Promise<Member> {
  const { topic, onOwnedChanged, ...rest } = options;
  const inbox = createInbox();
  const owned = new Set<number>();
  const subscription = await backend.subscribe({
    topics: [topic],
    groupId: newGroupId(),
    from: 'beginning',
    ...rest,
    async onRecords(records) {
      inbox.add(records);
      await rest.onRecords?.(records);
    },
    onAssigned(partitions) {
      for (const { partition } of partitions) owned.add(partition);
      rest.onAssigned?.(partitions);
      onOwnedChanged?.();
    },
    async onRevoked(partitions) {
      await rest.onRevoked?.(partitions);
      for (const { partition } of partitions) owned.delete(partition);
      onOwnedChanged?.();
    },
  });
  return {
    inbox,
    subscription,
    owned: () => [...owned].sort((a, b) => a - b),
    markAllProcessed() {
      for (const position of endsOf(inbox.records)) subscription.markProcessed(position);
    },
  };
}

export function newGroupId(): string {
  return `conformance-${randomUUID()}`;
}

/** For each partition, the offset after the last of these records. */
export function endsOf(
  records: readonly ConsumedRecord[],
): (TopicPartition & { readonly nextOffset: number })[] {
  const ends = new Map(
    records.map(({ topic, partition, offset }) => [partition, { topic, partition, nextOffset: offset + 1 }]),
  );
  return [...ends.values()];
}
