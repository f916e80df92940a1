import type { ConsumedRecord, PublishRecord } from '@preservarium/backend';
import {
  type CommandState,
  type Evidence,
  encodeLifecycleEvent,
  type JsonValue,
  type LifecycleEvent,
  type PusherError,
} from '@preservarium/core';
import type { CommandSource } from '@preservarium/dead-letters';
import { type DeadLetterReason, deadLetterRecord, sourceId } from '@preservarium/dead-letters';
import type { DeviceReport } from '@preservarium/deliverer';
import type { Appender } from './appender.js';
import { cutReason, deviceIdOf } from './event-bounds.js';
import type { HeldCommand, Holder } from './held-command.js';
import { doneRecord, waitingRecord } from './waiting-log.js';

/** How a command came to its end here. A dead letter is kept of those that say why. */
export interface Ending {
  readonly state: CommandState;
  readonly evidence?: Evidence;
  readonly reason?: string;
  readonly result?: JsonValue | undefined;
  readonly deadLetter?: DeadLetterReason;
}

export interface LifecycleOptions {
  readonly appender: Appender;
  readonly eventsTopic: string | undefined;
  readonly waitingTopic: string;
  readonly deadLetterTopic: string;
  readonly groupId: string;
  readonly protocol: string;
  readonly clock: () => number;
  /** Told each event when it happens, whether or not it is written. */
  readonly onEvent: ((event: LifecycleEvent) => void) | undefined;
  /** Kafka refuses to keep this command among those that wait; it became a dead letter. */
  onCannotWait(held: HeldCommand, ending: Ending): void;
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
  settings: LifecycleOptions,
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
    let written = tellOf(held, ending);
    if (ending.deadLetter !== undefined) written = appender.append(letterOf(held, ending));
    if (held.waitingSinceMs !== undefined) written = appender.append(doneRecord(waitingTopic, held));
    settleAfter(written, held);
  }

  function setAside(held: HeldCommand, reason: string): void {
    void tellOf(held, { state: 'waiting', reason });
    const waiting = waitingRecord(waitingTopic, held, clock());
    settleAfter(
      appender.append(waiting, (error) => endUnable(held, error)),
      held,
    );
  }

  /** Without its bytes a command cannot be delivered later, so it ends here. Returns what to write instead. */
  function endUnable(held: HeldCommand, error: PusherError): readonly PublishRecord[] {
    const reason = `it cannot wait for its device: ${error.message}`;
    const ending = { state: 'dead', reason, deadLetter: 'exhausted' } as const;
    settings.onCannotWait(held, ending);
    const event = eventOf(held, ending);
    onEvent?.(event);
    return [...(eventsTopic === undefined ? [] : [eventRecord(eventsTopic, event)]), letterOf(held, ending)];
  }

  function letterOf({ record, source, attempts }: HeldCommand, ending: Ending): PublishRecord {
    const { deadLetter: reason = 'exhausted', reason: message = '' } = ending;
    const letter = { reason, message, attempts, groupId, diedAtMs: clock() };
    return deadLetterRecord(deadLetterTopic, { record, source, ...letter });
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
    const ids = { requestId: sourceId(source), deviceId: deviceIdOf(record) };
    void tell({ ...ids, state: 'dead', reason: cutReason(message), timestamp: new Date(clock()) });
    const letter = { reason: 'poison', message, attempts: 0, groupId } as const;
    void appender
      .append(deadLetterRecord(deadLetterTopic, { record, source, ...letter, diedAtMs: clock() }))
      .then(() => share.finish(record));
  }

  async function report({ state, headers: _, ...report }: DeviceReport): Promise<void> {
    const evidence = state === 'delivered' ? 'device' : 'executed';
    const reason = cutReason(report.reason);
    await tell({ ...report, reason, protocol, state, evidence, timestamp: new Date(clock()) });
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
      reason: cutReason(reason),
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
    return eventsTopic === undefined ? undefined : appender.append(eventRecord(eventsTopic, event));
  }

  return { dispatched, end, setAside, bury, report };
}

function eventRecord(topic: string, event: LifecycleEvent): PublishRecord {
  return { topic, key: event.deviceId, value: encodeLifecycleEvent(event) };
}
