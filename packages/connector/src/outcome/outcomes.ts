import type { ConsumedRecord, PublishRecord, WireFormat } from '@preservarium/backend';
import type { LifecycleEvent, PusherError } from '@preservarium/core';
import { redriveTimeOf, sourceId } from '@preservarium/dead-letters';
import { sourceOf } from '../ledger/topic-generation.js';
import type { CommandLedger, PendingCommand } from '../pending-command.js';
import type { Conclusion, RecordProblem, Wait } from './conclusion.js';
import { createDeadLetters } from './dead-letters.js';
import { cutReason, deviceIdOf } from './event-bounds.js';
import type { LifecycleEvents } from './lifecycle-events.js';
import { createProcessedRecords } from './processed-records.js';

/** The event of a redrive that begins no life of its own. Its `behind` is the request id of the command itself. */
const joined = {
  waiting: { state: 'waiting', reason: 'joins its earlier life, which has not ended' },
  delivered: { state: 'superseded', reason: 'joins its earlier life, which was delivered' },
} as const;

type OnConcluded = (pending: PendingCommand, conclusion: Conclusion) => void;

export interface OutcomesOptions {
  readonly events: LifecycleEvents;
  /** Tells the sender of a command its end, beside the lifecycle event. */
  readonly encodeEnd: WireFormat['encodeEnd'] | undefined;
  readonly deadLetterTopic: string;
  readonly groupId: string;
  readonly clock: () => number;
  /** Called when what follows from a command is in Kafka, and it takes no capacity any more. */
  onWritten(pending: PendingCommand): void;
}

/** Writes each step of a command to Kafka; its record is processed only after that is there. */
export interface Outcomes {
  dispatched(pending: PendingCommand): void;
  /** A gateway has the command, and its device has not answered: it goes on. */
  handedOver(pending: PendingCommand, step: Conclusion): void;
  /** The command is attempted again after a backoff. */
  waiting(pending: PendingCommand, wait: Wait): void;
  /** Returns a promise that resolves when the end is in Kafka; undefined where nothing is written. */
  conclude(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined;
  /** Ends a command whose event is in Kafka already. That event names no life, so a redrive has one of its own. */
  endWritten(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined;
  /**
   * Moves the command to the changelog, from where it comes back.
   *
   * @param onRefused called where Kafka cannot keep it, so that it ends as a dead letter instead
   */
  defer(pending: PendingCommand, wait: Wait, onRefused: () => void): void;
  /** There is nothing to do for this record. */
  passOver(pending: PendingCommand): void;
  /** Another record brings this command to its device, or has done so. A redrive says that it joins that earlier life; a repetition is passed over. */
  join(pending: PendingCommand, earlier: 'waiting' | 'delivered'): void;
  /**
   * Makes a record a dead letter that is no command, or nobody's of whom it could be known. Its event names its place: who speaks for a request id is not
   * known.
   *
   * @param isDeferred the record comes from the changelog
   */
  deadLetter(
    record: ConsumedRecord,
    ledger: CommandLedger,
    problem: RecordProblem,
    isDeferred?: boolean,
  ): void;
  /** Calls the listener with each command that ends here. */
  onConcluded(listener: OnConcluded): void;
}

export function createOutcomes(options: OutcomesOptions): Outcomes {
  const { events, encodeEnd, deadLetterTopic, groupId, clock } = options;
  const letters = createDeadLetters({ topic: deadLetterTopic, groupId, clock });
  const processed = createProcessedRecords(options.onWritten);
  const listeners: OnConcluded[] = [];

  // ---- steps before the end

  function dispatched(pending: PendingCommand): void {
    void events.emitStep(pending, { state: 'dispatched' });
  }

  function handedOver(pending: PendingCommand, step: Conclusion): void {
    void events.emitStep(pending, step);
  }

  function waiting(pending: PendingCommand, wait: Wait): void {
    void events.emitStep(pending, { state: 'waiting', ...wait });
  }

  function defer(pending: PendingCommand, wait: Wait, onRefused: () => void): void {
    waiting(pending, wait);
    processed.defer(pending);
    const written = pending.ledger.appender.append(pending.ledger.deferredRecord(pending), (error) => {
      processed.undefer(pending);
      onRefused();
      return concludeRefused(pending, error);
    });
    processed.markAfter(written, pending);
  }

  // ---- ends

  function conclude(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined {
    let written = events.emitStep(pending, conclusion);
    if (conclusion.deadLetter !== undefined)
      written = pending.ledger.appender.append(letters.ofCommand(pending, conclusion));
    written = tellSender(pending, conclusion) ?? written;
    passOver(pending, written);
    notify(pending, conclusion);
    return written;
  }

  function endWritten(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined {
    if (pending.isRedriven) return conclude(pending, conclusion);
    passOver(pending, tellSender(pending, conclusion));
    notify(pending, conclusion);
    return undefined;
  }

  /** Without its bytes a command cannot be delivered later, so it ends here. Returns what to write instead. */
  function concludeRefused(pending: PendingCommand, error: PusherError): readonly PublishRecord[] {
    const reason = `it cannot wait for its device: ${error.message}`;
    const conclusion = { state: 'dead', reason, deadLetter: 'exhausted' } as const;
    notify(pending, conclusion);
    const event = events.of(pending, conclusion);
    const records = [
      events.announce(event),
      letters.ofCommand(pending, conclusion),
      encodeEnd?.(pending.record, event),
    ];
    return records.filter((record) => record !== undefined);
  }

  function join(pending: PendingCommand, earlier: keyof typeof joined): void {
    const step = { ...joined[earlier], behind: pending.command.requestId };
    passOver(pending, pending.isRedriven ? events.emitStep(pending, step) : undefined);
  }

  function passOver(pending: PendingCommand, written?: Promise<void>): void {
    if (pending.waitingSinceMs !== undefined) pending.ledger.endWaiting(pending.record);
    processed.markAfter(written, pending);
  }

  function notify(pending: PendingCommand, conclusion: Conclusion): void {
    for (const listener of listeners) listener(pending, conclusion);
  }

  /** Resolves when Kafka has the record for the sender of the command; undefined where there is none. */
  function tellSender(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined {
    if (encodeEnd === undefined) return undefined;
    const told = encodeEnd(pending.record, events.of(pending, conclusion));
    return told && pending.ledger.appender.append(told);
  }

  // ---- records that are no commands to conclude

  function deadLetter(
    record: ConsumedRecord,
    ledger: CommandLedger,
    problem: RecordProblem,
    isDeferred = false,
  ): void {
    const { appender, claimEpoch } = ledger;
    const event: LifecycleEvent = {
      requestId: sourceId(sourceOf(record)),
      deviceId: deviceIdOf(record),
      redrivenAt: redriveTimeOf(record),
      timestamp: new Date(clock()),
      state: 'dead',
      reason: cutReason(problem.message),
      claimEpoch,
    };
    void events.emit(event, appender);
    const told = encodeEnd?.(record, event);
    if (told !== undefined) void appender.append(told);
    const written = appender.append(letters.ofRecord(record, problem));
    if (isDeferred) ledger.endWaiting(record);
    void written.then(() => {
      if (isDeferred) void appender.append(ledger.doneRecord(record));
      else ledger.markProcessed(record);
    });
  }

  return {
    dispatched,
    handedOver,
    waiting,
    conclude,
    endWritten,
    defer,
    passOver: (pending) => passOver(pending),
    join,
    deadLetter,
    onConcluded: (listener) => {
      listeners.push(listener);
    },
  };
}
