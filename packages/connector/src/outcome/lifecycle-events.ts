import type { Logger, PublishRecord } from '@preservarium/backend';
import { type CommandState, encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { redriveTimeOf } from '@preservarium/dead-letters';
import { type PendingCommand, wasSent } from '../pending-command.js';
import type { Appender } from './appender.js';
import type { Conclusion, Wait } from './conclusion.js';
import { cutReason } from './event-bounds.js';

/** States in which a command ends without an answer of its device. */
const unproven: ReadonlySet<CommandState> = new Set(['expired', 'superseded', 'cancelled', 'dead']);

/** A step of a command, its end or one before. */
type Step = Conclusion & Partial<Wait>;

/** Emits lifecycle events: calls the listener of the application, and writes them to their topic. */
export interface LifecycleEvents {
  /** Emits the event of a step. Returns a promise that resolves when it is in Kafka; undefined where none are written. */
  emitStep(pending: PendingCommand, step: Step): Promise<void> | undefined;
  /** Does the same with an event that is made already. */
  emit(event: LifecycleEvent, appender: Appender): Promise<void> | undefined;
  /** Calls the listener alone. Returns the record to write; undefined where none are written. */
  announce(event: LifecycleEvent): PublishRecord | undefined;
  /** Returns the event of a step. */
  of(pending: PendingCommand, step: Step): LifecycleEvent;
}

export interface LifecycleEventsOptions {
  /** Undefined: events are not written. */
  readonly topic: string | undefined;
  /** Called with each event when it happens, whether or not it is written. */
  readonly onEvent: ((event: LifecycleEvent) => void) | undefined;
  readonly clock: () => number;
  readonly logger: Logger;
}

export function createLifecycleEvents(options: LifecycleEventsOptions): LifecycleEvents {
  const { topic, onEvent, clock, logger } = options;
  const hasReaders = topic !== undefined || onEvent !== undefined;

  function of(pending: PendingCommand, step: Step): LifecycleEvent {
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

  function emitStep(pending: PendingCommand, step: Step): Promise<void> | undefined {
    return hasReaders ? emit(of(pending, step), pending.ledger.appender) : undefined;
  }

  function emit(event: LifecycleEvent, appender: Appender): Promise<void> | undefined {
    const record = announce(event);
    return record && appender.append(record);
  }

  function announce(event: LifecycleEvent): PublishRecord | undefined {
    if (onEvent !== undefined) call(onEvent, event);
    return topic === undefined
      ? undefined
      : { topic, key: event.deviceId, value: encodeLifecycleEvent(event) };
  }

  function call(listener: (event: LifecycleEvent) => void, event: LifecycleEvent): void {
    try {
      listener(event);
    } catch (error) {
      logger.error({ err: error }, 'onEvent threw');
    }
  }

  return { emitStep, emit, announce, of };
}
