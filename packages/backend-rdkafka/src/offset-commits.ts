import type { TopicPartition } from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import { withDeadline } from '@preservarium/concurrency';
import type { LibrdKafkaError, TopicPartitionOffset } from 'node-rdkafka';
import { toPusherError } from './to-pusher-error.js';

const commitTimeoutMs = 10_000;

export interface OffsetCommits {
  settle(position: TopicPartition & { readonly nextOffset: number }): void;
  /** Resolves once the brokers have what was settled before; one commit after the other. */
  commit(): Promise<void>;
  /** Takes the client's answer to the commit that is under way. */
  onAnswer(error: LibrdKafkaError | undefined): void;
  /** Forgets what was settled. */
  clear(): void;
}

/** Keeps what is settled until the brokers have it. `send` hands offsets to the client, which answers later. */
export function createOffsetCommits(send: (offsets: TopicPartitionOffset[]) => void): OffsetCommits {
  const settled = new Map<string, TopicPartitionOffset>();
  let last: Promise<void> = Promise.resolve();
  let answer: PromiseWithResolvers<void> | undefined;

  function settle({ topic, partition, nextOffset }: TopicPartition & { readonly nextOffset: number }): void {
    const id = partitionId({ topic, partition });
    if ((settled.get(id)?.offset ?? 0) < nextOffset)
      settled.set(id, { topic, partition, offset: nextOffset });
  }

  function commit(): Promise<void> {
    const done = last.then(commitSettled);
    // The next one is not kept from its turn; whoever asked for this one has the error.
    last = done.catch(() => undefined);
    return done;
  }

  async function commitSettled(): Promise<void> {
    const offsets = [...settled.values()];
    if (offsets.length === 0) return;
    answer = Promise.withResolvers();
    try {
      send(offsets);
      await withDeadline(answer.promise, { doing: 'commit offsets', timeoutMs: commitTimeoutMs });
    } catch (error) {
      throw toPusherError(error);
    } finally {
      answer = undefined;
    }
    for (const offset of offsets) {
      const id = partitionId(offset);
      if (settled.get(id) === offset) settled.delete(id);
    }
  }

  return {
    settle,
    commit,
    onAnswer: (error) => (error ? answer?.reject(error) : answer?.resolve()),
    clear: () => settled.clear(),
  };
}
