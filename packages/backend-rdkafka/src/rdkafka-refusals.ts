import { topicNameError } from '@preservarium/backend-kit';
import { type PusherError, TopicUnknownError } from '@preservarium/core';

/** Returns a function that says why the client cannot be given a record for a topic and partition; `undefined` if it can. */
export function createRefusals(): (topic: string, partition: number | null) => PusherError | undefined {
  let lastGoodTopic = '';
  return (topic, partition) => {
    if (topic !== lastGoodTopic) {
      const error = topicNameError(topic);
      if (error !== undefined) return error;
      lastGoodTopic = topic;
    }
    if (partition === null || isPartitionNumber(partition)) return undefined;
    return new TopicUnknownError(topic, { partition });
  };
}

/** The client takes any number and makes 32 bits of it, and would choose the partition itself for -1. */
function isPartitionNumber(partition: number): boolean {
  return partition >= 0 && partition === partition >> 0;
}
