import type { Logger, PublisherBackend } from '@preservarium/backend';
import { type CommandMessage, encodeCommand } from '@preservarium/core';
import { pause } from './pause.js';

const publishTimeoutMs = 30_000;
const retryMs = 1_000;
const maxBatchCommands = 1_000;

/** Writes settings commands to Kafka, of each device one at a time. */
export interface SettingsOutbox {
  /** There is something to write for the device, unless it is there already. */
  add(deviceId: string): void;
}

export interface SettingsOutboxOptions {
  readonly backend: PublisherBackend;
  readonly commandTopic: string;
  readonly logger: Logger;
  /** Aborted when nothing more is to be written. */
  readonly stopped: AbortSignal;
  /** What is to be written for the device now; undefined where that has changed to nothing. */
  next(deviceId: string): CommandMessage | undefined;
  /** Kafka has not taken it, and `next` is to say it again. */
  onNotWritten(command: CommandMessage): void;
}

/**
 * What to write is asked for only when it is written, so that of changes that follow one another fast only the last becomes a
 * command, and what waits here is no more than the ids of devices.
 */
export function createSettingsOutbox(settings: SettingsOutboxOptions): SettingsOutbox {
  const { backend, commandTopic, logger, stopped } = settings;
  const waiting = new Set<string>();
  const whenStopped = new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve()));
  let isWriting = false;

  async function writeAll(): Promise<void> {
    isWriting = true;
    // What is added in the same turn goes along.
    await Promise.resolve();
    while (waiting.size > 0 && !stopped.aborted) {
      if (!(await write(takeBatch()))) await pause(retryMs, whenStopped);
    }
    isWriting = false;
  }

  function takeBatch(): CommandMessage[] {
    const batch: CommandMessage[] = [];
    for (const deviceId of waiting) {
      if (batch.length === maxBatchCommands) break;
      waiting.delete(deviceId);
      const command = settings.next(deviceId);
      if (command !== undefined) batch.push(command);
    }
    return batch;
  }

  /** Returns whether nothing is left to be tried again. */
  async function write(batch: readonly CommandMessage[]): Promise<boolean> {
    if (batch.length === 0) return true;
    const records = batch.map((command) => ({
      topic: commandTopic,
      key: command.deviceId,
      value: encodeCommand(command),
    }));
    const outcomes = await backend.publish(records, { timeoutMs: publishTimeoutMs, signal: stopped });
    let isDone = true;
    for (const [index, command] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || outcome.ok || stopped.aborted) continue;
      const { deviceId, requestId } = command;
      const { error } = outcome;
      if (!error.retryable) {
        logger.error({ err: error, deviceId, requestId }, 'settings cannot be sent to their device');
        continue;
      }
      logger.warn({ err: error, deviceId, requestId }, 'settings are not in Kafka yet; it is tried again');
      settings.onNotWritten(command);
      waiting.add(deviceId);
      isDone = false;
    }
    return isDone;
  }

  return {
    add(deviceId) {
      waiting.add(deviceId);
      if (!isWriting) void writeAll();
    },
  };
}
