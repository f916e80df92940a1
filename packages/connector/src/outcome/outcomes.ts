import type { ConsumedRecord, PublishRecord, WireFormat } from '@preservarium/backend';
import {
  type CommandState,
  type Evidence,
  encodeLifecycleEvent,
  type JsonValue,
  type LifecycleEvent,
  type PusherError,
} from '@preservarium/core';
import { type DeadLetterReason, deadLetterRecord, redriveTimeOf, sourceId } from '@preservarium/dead-letters';
import type { DeviceReport } from '@preservarium/deliverer';
import { sourceOf } from '../ledger/topic-generation.js';
import { type CommandLedger, type PendingCommand, wasSent } from '../pending-command.js';
import type { Appender } from './appender.js';
import { cutReason, deviceIdOf } from './event-bounds.js';

/** States in which a command ends without an answer of its device. */
const unproven: ReadonlySet<CommandState> = new Set(['expired', 'superseded', 'cancelled', 'dead']);

/** The event of a redrive that begins no life of its own. Its `behind` is the request id of the command itself. */
const joined = {
  waiting: { state: 'waiting', reason: 'joins its earlier life, which has not ended' },
  delivered: { state: 'superseded', reason: 'joins its earlier life, which was delivered' },
} as const;

/** How a command ended. A dead letter is kept of those that say why. */
export interface Conclusion {
  readonly state: CommandState;
  readonly evidence?: Evidence;
  readonly reason?: string;
  readonly result?: JsonValue | undefined;
  readonly deadLetter?: DeadLetterReason;
}

/** Why a record becomes a dead letter that is not a command to conclude. */
export interface RecordProblem {
  readonly reason: DeadLetterReason;
  readonly message: string;
}

/** Why a command waits. */
export interface Wait {
  readonly reason: string;
  /** Undefined where the command has others before it. */
  readonly nextAttemptAt?: Date;
  /** The request id of the command that goes before it. */
  readonly behind?: string | undefined;
}

type Step = Conclusion & Partial<Wait>;

type OnConcluded = (pending: PendingCommand, conclusion: Conclusion) => void;

export interface OutcomesOptions {
  /** Tells the sender of a command its end, beside the lifecycle event. */
  readonly encodeEnd: WireFormat['encodeEnd'] | undefined;
  readonly eventsTopic: string | undefined;
  readonly deadLetterTopic: string;
  readonly groupId: string;
  readonly protocol: string;
  readonly clock: () => number;
  /** Called with each event when it happens, whether or not it is written. */
  readonly onEvent: ((event: LifecycleEvent) => void) | undefined;
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
  report(report: DeviceReport, appender: Appender): Promise<void>;
  /** Calls the listener with each command that ends here. */
  onConcluded(listener: OnConcluded): void;
}

export function createOutcomes(options: OutcomesOptions): Outcomes {
  const { eventsTopic, deadLetterTopic, groupId, protocol, clock, onEvent } = options;
  const hasReaders = eventsTopic !== undefined || onEvent !== undefined;
  const listeners: OnConcluded[] = [];
  const deferred = new Set<PendingCommand>();
  const writtenWith = new WeakMap<Promise<void>, PendingCommand[]>();

  function dispatched(pending: PendingCommand): void {
    void emitOf(pending, { state: 'dispatched' });
  }

  function handedOver(pending: PendingCommand, step: Conclusion): void {
    void emitOf(pending, step);
  }

  function conclude(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined {
    let written = emitOf(pending, conclusion);
    if (conclusion.deadLetter !== undefined)
      written = pending.ledger.appender.append(letterOf(pending, conclusion));
    written = tellSender(pending, conclusion) ?? written;
    if (pending.waitingSinceMs !== undefined) pending.ledger.endWaiting(pending.record);
    processAfter(written, pending);
    for (const listener of listeners) listener(pending, conclusion);
    return written;
  }

  function waiting(pending: PendingCommand, wait: Wait): void {
    void emitOf(pending, { state: 'waiting', ...wait });
  }

  function defer(pending: PendingCommand, wait: Wait, onRefused: () => void): void {
    waiting(pending, wait);
    deferred.add(pending);
    const written = pending.ledger.appender.append(pending.ledger.deferredRecord(pending), (error) => {
      deferred.delete(pending);
      onRefused();
      return concludeRefused(pending, error);
    });
    processAfter(written, pending);
  }

  /** Without its bytes a command cannot be delivered later, so it ends here. Returns what to write instead. */
  function concludeRefused(pending: PendingCommand, error: PusherError): readonly PublishRecord[] {
    const reason = `it cannot wait for its device: ${error.message}`;
    const conclusion = { state: 'dead', reason, deadLetter: 'exhausted' } as const;
    for (const listener of listeners) listener(pending, conclusion);
    const event = eventOf(pending, conclusion);
    onEvent?.(event);
    return [
      ...(eventsTopic === undefined ? [] : [eventRecord(eventsTopic, event)]),
      letterOf(pending, conclusion),
      ...endRecords(pending.record, event),
    ];
  }

  /** Resolves when Kafka has the record for the sender of the command; undefined where there is none. */
  function tellSender(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined {
    if (options.encodeEnd === undefined) return undefined;
    return appendAll(pending.ledger, endRecords(pending.record, eventOf(pending, conclusion)));
  }

  function endRecords(record: ConsumedRecord, end: LifecycleEvent): readonly PublishRecord[] {
    const told = options.encodeEnd?.(record, end);
    return told === undefined ? [] : [told];
  }

  function appendAll(
    { appender }: CommandLedger,
    records: readonly PublishRecord[],
  ): Promise<void> | undefined {
    return records.map((record) => appender.append(record)).at(-1);
  }

  function letterOf({ record, attempts }: PendingCommand, conclusion: Conclusion): PublishRecord {
    const { deadLetter: reason = 'exhausted', reason: message = '' } = conclusion;
    const letter = { reason, message, attempts: attempts.started, groupId, diedAtMs: clock() };
    return deadLetterRecord(deadLetterTopic, { record, source: sourceOf(record), ...letter });
  }

  function processAfter(written: Promise<void> | undefined, pending: PendingCommand): void {
    if (written === undefined) {
      markProcessed(pending);
      return;
    }
    let together = writtenWith.get(written);
    if (together === undefined) {
      // Many are written together; a promise for each would cost more than the marking.
      const pendings: PendingCommand[] = [];
      together = pendings;
      writtenWith.set(written, pendings);
      void written.then(() => pendings.forEach(markProcessed));
    }
    together.push(pending);
  }

  /**
   * Of one that waits, the ledger learns from the changelog that it has ended. Not in the batch of its events: a crash may leave one part of a batch
   * unwritten, and the end of a command must not be known without them.
   */
  function markProcessed(pending: PendingCommand): void {
    const { ledger, record, waitingSinceMs } = pending;
    if (waitingSinceMs !== undefined) void ledger.appender.append(ledger.doneRecord(record));
    else if (!deferred.delete(pending)) ledger.markProcessed(record);
    options.onWritten(pending);
  }

  function passOver(pending: PendingCommand, written?: Promise<void>): void {
    if (pending.waitingSinceMs !== undefined) pending.ledger.endWaiting(pending.record);
    processAfter(written, pending);
  }

  function join(pending: PendingCommand, earlier: keyof typeof joined): void {
    const step = { ...joined[earlier], behind: pending.command.requestId };
    passOver(pending, pending.isRedriven ? emitOf(pending, step) : undefined);
  }

  function endWritten(pending: PendingCommand, conclusion: Conclusion): Promise<void> | undefined {
    if (pending.isRedriven) return conclude(pending, conclusion);
    passOver(pending, tellSender(pending, conclusion));
    for (const listener of listeners) listener(pending, conclusion);
    return undefined;
  }

  function deadLetter(
    record: ConsumedRecord,
    ledger: CommandLedger,
    { reason, message }: RecordProblem,
    isDeferred = false,
  ): void {
    const ids = { requestId: sourceId(sourceOf(record)), deviceId: deviceIdOf(record) };
    const times = { redrivenAt: redriveTimeOf(record), timestamp: new Date(clock()) };
    const { claimEpoch } = ledger;
    const event = { ...ids, ...times, state: 'dead', reason: cutReason(message), claimEpoch } as const;
    void emit(event, ledger.appender);
    appendAll(ledger, endRecords(record, event));
    const letter = { reason, message, attempts: 0, groupId, source: sourceOf(record) };
    const written = ledger.appender.append(
      deadLetterRecord(deadLetterTopic, { record, ...letter, diedAtMs: clock() }),
    );
    if (isDeferred) ledger.endWaiting(record);
    void written.then(() => {
      if (isDeferred) void ledger.appender.append(ledger.doneRecord(record));
      else ledger.markProcessed(record);
    });
  }

  async function report({ state, headers: _, ...report }: DeviceReport, appender: Appender): Promise<void> {
    const evidence = state === 'delivered' ? 'device' : 'executed';
    const reason = cutReason(report.reason);
    await emit({ ...report, reason, protocol, state, evidence, timestamp: new Date(clock()) }, appender);
  }

  function eventOf(pending: PendingCommand, step: Step): LifecycleEvent {
    const { requestId, deviceId, commandType, protocol, issuedBy } = pending.command;
    const { state, evidence, reason, result, nextAttemptAt, behind } = step;
    const { started } = pending.attempts;
    return {
      requestId,
      deviceId,
      commandType,
      protocol,
      state,
      evidence,
      reason: cutReason(reason),
      result,
      attempt: started === 0 ? undefined : started,
      mayBeRepeat: pending.mayBeRepeat || undefined,
      mayBeExecuted: (unproven.has(state) && wasSent(pending)) || undefined,
      nextAttemptAt,
      behind,
      redrivenAt: pending.isRedriven ? redriveTimeOf(pending.record) : undefined,
      claimEpoch: pending.ledger.claimEpoch,
      issuedBy,
      timestamp: new Date(clock()),
    };
  }

  function emitOf(pending: PendingCommand, step: Step): Promise<void> | undefined {
    return hasReaders ? emit(eventOf(pending, step), pending.ledger.appender) : undefined;
  }

  /** Resolves when the event is in Kafka; undefined where none are written. */
  function emit(event: LifecycleEvent, appender: Appender): Promise<void> | undefined {
    onEvent?.(event);
    return eventsTopic === undefined ? undefined : appender.append(eventRecord(eventsTopic, event));
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
    report,
    onConcluded: (listener) => {
      listeners.push(listener);
    },
  };
}

function eventRecord(topic: string, event: LifecycleEvent): PublishRecord {
  return { topic, key: event.deviceId, value: encodeLifecycleEvent(event) };
}
