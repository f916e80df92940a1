import type { Backend } from '@preservarium/backend';
import type { DocumentStore } from './documents/document-store.js';
import type { Following } from './follow-topics.js';

const dayMs = 24 * 3600_000;

export interface FreshnessOptions {
  readonly backend: Backend;
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

export function createFreshness({ backend, topics, documents, clock }: FreshnessOptions): Freshness {
  /** Returns half of the time that Kafka keeps a tombstone; half of its default where that cannot be read. */
  async function maxAgeMs(): Promise<number> {
    const configs = await Promise.all(topics.map((topic) => configOf(topic)));
    return Math.min(...configs.map((config) => Number(config['delete.retention.ms'] ?? dayMs))) / 2;
  }

  async function configOf(topic: string): Promise<Readonly<Record<string, string>>> {
    try {
      return (await backend.topicConfig?.(topic)) ?? {};
    } catch {
      // A reader may not be allowed to ask.
      return {};
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
