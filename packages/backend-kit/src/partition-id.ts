import type { TopicPartition } from '@preservarium/backend';

/** Holds one for each partition: a look-up costs less than a new text for each record. */
const ids = new Map<string, string[]>();

/** Names a partition, for backends that keep something for each of theirs. */
export function partitionId({ topic, partition }: TopicPartition): string {
  let ofTopic = ids.get(topic);
  if (ofTopic === undefined) {
    ofTopic = [];
    ids.set(topic, ofTopic);
  }
  const known = ofTopic[partition];
  if (known !== undefined) return known;
  const id = `${topic}/${partition}`;
  ofTopic[partition] = id;
  return id;
}
