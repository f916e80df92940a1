import type { TopicConfigs } from '@preservarium/backend';
import type { DocumentStore } from './documents/document-store.js';
import type { Following } from './follow-topics.js';

/** The default of Kafka. */
const defaultRetentionMs = 24 * 3600_000;

export interface FreshnessOptions {
  /** Undefined where nobody can read them. */
  readonly configs: TopicConfigs | undefined;
  readonly topics: readonly string[];
  readonly documents: DocumentStore;
  readonly clock: () => number;
}

/** Knows for how long documents can be read on from: afterwards, Kafka may have removed a tombstone that they lack. */
export interface Freshness {
  /** Removes the documents if they are too old. */
  dropOutdated(): Promise<void>;
  /** Reads the topics to their ends, and notes that the documents are of now. */
  catchUp(following: Pick<Following, 'catchUp'>, options: { readonly timeoutMs: number }): Promise<void>;
}

export function createFreshness({ configs, topics, documents, clock }: FreshnessOptions): Freshness {
  /** Returns half of the time that Kafka keeps a tombstone; half of its default where that cannot be read. */
  async function maxAgeMs(): Promise<number> {
    const retentions = await Promise.all(topics.map(retentionMs));
    return Math.min(...retentions) / 2;
  }

  async function retentionMs(topic: string): Promise<number> {
    try {
      const config = await configs?.topicConfig(topic);
      return Number(config?.['delete.retention.ms'] ?? defaultRetentionMs);
    } catch {
      // A reader may not be allowed to ask.
      return defaultRetentionMs;
    }
  }

  return {
    async dropOutdated() {
      if (documents.positions().length === 0) return;
      const currentAtMs = documents.currentAtMs() ?? Number.NEGATIVE_INFINITY;
      const ageMs = clock() - currentAtMs;
      if (ageMs < 0 || ageMs >= (await maxAgeMs())) documents.clear();
    },
    async catchUp(following, options) {
      const askedAtMs = clock();
      await following.catchUp(options);
      documents.setCurrentAt(askedAtMs);
    },
  };
}
