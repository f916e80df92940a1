import type { ConsumedRecord, PublishRecord } from '@preservarium/backend';
import { deadLetterRecord } from '@preservarium/dead-letters';
import { sourceOf } from '../ledger/topic-generation.js';
import type { PendingCommand } from '../pending-command.js';
import type { Conclusion, RecordProblem } from './conclusion.js';

/** Makes the dead letters of a connector. */
export interface DeadLetters {
  ofCommand(pending: PendingCommand, conclusion: Conclusion): PublishRecord;
  /** Of a record that is no command to conclude: nothing was attempted. */
  ofRecord(record: ConsumedRecord, problem: RecordProblem): PublishRecord;
}

export interface DeadLettersOptions {
  readonly topic: string;
  readonly groupId: string;
  readonly clock: () => number;
}

export function createDeadLetters({ topic, groupId, clock }: DeadLettersOptions): DeadLetters {
  function letterOf(record: ConsumedRecord, problem: RecordProblem, attempts: number): PublishRecord {
    const { reason, message } = problem;
    const source = sourceOf(record);
    return deadLetterRecord(topic, {
      record,
      source,
      reason,
      message,
      attempts,
      groupId,
      diedAtMs: clock(),
    });
  }

  return {
    ofCommand({ record, attempts }, { deadLetter: reason = 'exhausted', reason: message = '' }) {
      return letterOf(record, { reason, message }, attempts.started);
    },
    ofRecord: (record, problem) => letterOf(record, problem, 0),
  };
}
