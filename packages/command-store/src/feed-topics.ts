import type { ConsumedRecord, RateLimitedLog } from '@preservarium/backend';
import { decodeCommand, decodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { redriveTimeOf, sourceId } from '@preservarium/dead-letters';

/** Messages of devices to the Python connectors on the command topic; none of them is a command. */
const feedback = 'feedback';

/** A topic from which a store is filled. */
export interface FeedTopic {
  readonly topic: string;
  /** Returns what the record says of a command; undefined where it says nothing. */
  eventOf(record: ConsumedRecord): LifecycleEvent | undefined;
}

/** Returns the topic of lifecycle events, which connectors write. */
export function eventsTopicOf(topic: string, warnings: RateLimitedLog): FeedTopic {
  return {
    topic,
    eventOf({ value, partition, offset }) {
      const decoded = decodeLifecycleEvent(value);
      if (decoded.ok) return decoded.event;
      warnings.warn('a lifecycle event cannot be read', { partition, offset, reason: decoded.message });
      return undefined;
    },
  };
}

/**
 * Returns a topic of commands: that a command is there proves that Kafka has it, whether or not a connector runs. Connectors make dead letters of
 * records that are no command.
 */
export function commandTopicOf(topic: string): FeedTopic {
  return {
    topic,
    eventOf(record) {
      const timestamp = new Date(record.timestampMs);
      const decoded = decodeCommand(record.value, () => ({ requestId: sourceId(record), timestamp }));
      if (!decoded.ok || decoded.command.commandType === feedback) return undefined;
      const { requestId, deviceId, commandType, protocol, issuedBy } = decoded.command;
      const ids = { requestId, deviceId, commandType, protocol, issuedBy };
      const redrivenAt = redriveTimeOf(record);
      return { ...ids, state: 'published', evidence: 'broker', timestamp, redrivenAt };
    },
  };
}
