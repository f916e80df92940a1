/**
 * Brokers refuse a batch as a whole when it is larger than its topic allows. A record above this size gets a batch of its
 * own, so that it is refused alone; and in topics that refused a batch of small records, no batch grows beyond a quarter.
 */
export const aloneBytes = 64 * 1024;
export const smallBatchBytes = aloneBytes / 4;

/** Topics that refused a batch of small records. */
export interface BatchSizes {
  noteRefused(topic: string): void;
  anyRefused(): boolean;
  /**
   * Returns whether a record needs a new batch.
   *
   * @param batchBytes of the batch that it would be in, with it
   */
  beginsBatch(topic: string, bytes: number, batchBytes: number): boolean;
}

export function createBatchSizes(): BatchSizes {
  const topics = new Set<string>();
  return {
    noteRefused(topic) {
      topics.add(topic);
    },
    anyRefused: () => topics.size > 0,
    beginsBatch: (topic, bytes, batchBytes) =>
      bytes > aloneBytes || (batchBytes > smallBatchBytes && topics.has(topic)),
  };
}
