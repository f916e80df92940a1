import { type ConsumedRecord, headerText } from '@preservarium/backend';
import type { LifecycleEvent } from '@preservarium/core';
import type { Execution } from './command.js';

/**
 * The lives of commands: each redrive from the dead letters begins one, with a record of its own. All counts are counts of lives.
 * The first has the request id for its name.
 */
export interface Lives {
  /** Returns the name of the life that this record of the command topic begins; records of producers' retries have that of the first one. */
  add(record: ConsumedRecord, requestId: string): string;
  ofEvent(event: Pick<LifecycleEvent, 'requestId' | 'redrivenAt'>): string;
  /** By the place in Kafka that the message named. */
  ofExecution(execution: Pick<Execution, 'requestId' | 'sequence'>): string;
}

export function createLives(): Lives {
  const byTime = new Map<string, string>();
  const byPlace = new Map<string, string>();
  let redriven = 0;

  const timeOf = (requestId: string, at: Date) => `${requestId} ${at.getTime()}`;

  return {
    add(record, requestId) {
      if (headerText(record.headers, 'redriven') === undefined) return requestId;
      // Events name a life by its time: two redrives of one millisecond are one life to every reader.
      const time = timeOf(requestId, new Date(record.timestampMs));
      const life = byTime.get(time) ?? `${requestId}${separator}${++redriven}`;
      byTime.set(time, life);
      byPlace.set(`${record.partition}:${record.offset}`, life);
      return life;
    },
    ofEvent: ({ requestId, redrivenAt }) =>
      (redrivenAt && byTime.get(timeOf(requestId, redrivenAt))) ?? requestId,
    ofExecution: ({ requestId, sequence = '' }) => byPlace.get(placeOf(sequence)) ?? requestId,
  };
}

/** Above the offset, the sequence counts how often a connector took the command topic for a new one: it does so where a group has lost its first commit. */
function placeOf(sequence: string): string {
  const [partition, offset] = sequence.split(':');
  return `${partition}:${Number(offset) % 2 ** 40}`;
}

const separator = ' redriven ';

/** Returns the request id of a life. */
export function requestIdOf(life: string): string {
  return life.split(separator, 1)[0] ?? life;
}
