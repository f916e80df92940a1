import {
  type CommandState,
  type Evidence,
  encodeLifecycleEvent,
  type JsonValue,
  type LifecycleEvent,
} from '@preservarium/core';
import type { ConsumedRecord } from '@preservarium/publisher';
import type { Appender } from './appender.js';
import { type DeadLetterReason, deadLetterRecord } from './dead-letter.js';
import type { DeviceReport } from './deliverer.js';
import type { CommandSource, HeldCommand, Holder } from './held-command.js';
import { doneRecord, sourceId, waitingRecord } from './waiting-log.js';

/** How a command came to its end here. A dead letter is kept of those that say why. */
export interface Ending {
  readonly state: CommandState;
  readonly evidence?: Evidence;
  readonly reason?: string;
  readonly result?: JsonValue | undefined;
  readonly deadLetter?: DeadLetterReason;
}

export interface LifecycleSettings {
  readonly appender: Appender;
  readonly eventsTopic: string | undefined;
  readonly waitingTopic: string;
  readonly deadLetterTopic: string;
  readonly groupId: string;
  readonly protocol: string;
  readonly clock: () => number;
  /** Told each event when it happens, whether or not it is written. */
  readonly onEvent: ((event: LifecycleEvent) => void) | undefined;
}

/** Writes each step of a command to Kafka, and settles the command only after that is there. */
export interface Lifecycle {
  dispatched(held: HeldCommand): void;
  end(held: HeldCommand, ending: Ending): void;
  /** Moves the command to the waiting topic, from where it comes back. */
  setAside(held: HeldCommand, reason: string): void;
  bury(record: ConsumedRecord, share: Holder, source: CommandSource, message: string): void;
  report(report: DeviceReport): Promise<void>;
}

export function createLifecycle(
  settings: LifecycleSettings,
  onSettled: (held: HeldCommand) => void,
): Lifecycle {
  const { appender, eventsTopic, waitingTopic, deadLetterTopic, groupId, protocol, clock, onEvent } =
    settings;
  const someoneIsTold = eventsTopic !== undefined || onEvent !== undefined;
  let lastWritten: Promise<void> | undefined;
  let settledWithIt: HeldCommand[] = [];

  function dispatched(held: HeldCommand): void {
    void tellOf(held, { state: 'dispatched' });
  }

  function end(held: HeldCommand, ending: Ending): void {
    const { record, source, attempts } = held;
    let written = tellOf(held, ending);
    if (ending.deadLetter !== undefined) {
      const letter = { reason: ending.deadLetter, message: ending.reason ?? '', attempts, groupId };
      written = appender.append(
        deadLetterRecord(deadLetterTopic, { record, source, ...letter, diedAtMs: clock() }),
      );
    }
    if (held.waitingSinceMs !== undefined) written = appender.append(doneRecord(waitingTopic, held));
    settleAfter(written, held);
  }

  function setAside(held: HeldCommand, reason: string): void {
    void tellOf(held, { state: 'waiting', reason });
    settleAfter(appender.append(waitingRecord(waitingTopic, held, clock())), held);
  }

  function settleAfter(written: Promise<void> | undefined, held: HeldCommand): void {
    if (written === undefined) {
      settle(held);
      return;
    }
    if (written !== lastWritten) {
      lastWritten = written;
      // Many are written together; a promise for each would cost more than settling it.
      const together: HeldCommand[] = [];
      settledWithIt = together;
      void written.then(() => together.forEach(settle));
    }
    settledWithIt.push(held);
  }

  function settle(held: HeldCommand): void {
    held.share.finish(held.record);
    onSettled(held);
  }

  function bury(record: ConsumedRecord, share: Holder, source: CommandSource, message: string): void {
    const ids = { requestId: sourceId(source), deviceId: record.key?.toString() || 'unknown' };
    void tell({ ...ids, state: 'dead', reason: message, timestamp: new Date(clock()) });
    const letter = { reason: 'poison', message, attempts: 0, groupId } as const;
    void appender
      .append(deadLetterRecord(deadLetterTopic, { record, source, ...letter, diedAtMs: clock() }))
      .then(() => share.finish(record));
  }

  async function report({ state, headers: _, ...report }: DeviceReport): Promise<void> {
    const evidence = state === 'delivered' ? 'device' : 'executed';
    await tell({ ...report, protocol, state, evidence, timestamp: new Date(clock()) });
  }

  function eventOf(held: HeldCommand, { state, evidence, reason, result }: Ending): LifecycleEvent {
    const { requestId, deviceId, commandType, protocol } = held.command;
    return {
      requestId,
      deviceId,
      commandType,
      protocol,
      state,
      evidence,
      reason,
      result,
      attempt: held.attempts === 0 ? undefined : held.attempts,
      mayBeRepeat: held.mayBeRepeat || undefined,
      timestamp: new Date(clock()),
    };
  }

  function tellOf(held: HeldCommand, ending: Ending): Promise<void> | undefined {
    return someoneIsTold ? tell(eventOf(held, ending)) : undefined;
  }

  /** Resolves when the event is in Kafka; undefined where none are written. */
  function tell(event: LifecycleEvent): Promise<void> | undefined {
    onEvent?.(event);
    if (eventsTopic === undefined) return undefined;
    return appender.append({
      topic: eventsTopic,
      key: event.deviceId,
      value: encodeLifecycleEvent(event),
    });
  }

  return { dispatched, end, setAside, bury, report };
}
