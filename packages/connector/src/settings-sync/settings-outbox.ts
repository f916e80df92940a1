import type { Logger, PublisherBackend, PublishRecord, RecordSigner } from '@preservarium/backend';
import { type CommandMessage, encodeCommand } from '@preservarium/core';
import { pause } from '../pause.js';

const publishTimeoutMs = 30_000;
const retryMs = 1_000;
const maxBatchCommands = 1_000;

/** Writes settings commands to Kafka, of each device one at a time. */
export interface SettingsOutbox {
  /** Notes that there is a command to write for the device. */
  add(deviceId: string): void;
}

export interface SettingsOutboxOptions {
  readonly backend: PublisherBackend;
  readonly commandTopic: string;
  readonly sign: RecordSigner | undefined;
  readonly logger: Logger;
  /** Aborted when nothing more is to be written. */
  readonly stopped: AbortSignal;
  /** Returns the command to write for the device now; undefined if there is none any longer. */
  next(deviceId: string): CommandMessage | undefined;
  /** Called when Kafka did not accept the command: `next` is called again for its device. */
  onNotWritten(command: CommandMessage): void;
}

/**
 * Returns an outbox that asks for a command only when it writes it: of changes in quick succession only the last becomes a command, and only
 * device ids wait here.
 */
export function createSettingsOutbox(settings: SettingsOutboxOptions): SettingsOutbox {
  const { backend, commandTopic, sign, logger, stopped } = settings;
  const waiting = new Set<string>();
  const whenStopped = new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve()));
  let isWriting = false;

  async function writeAll(): Promise<void> {
    isWriting = true;
    // Devices that are added in the same turn of the event loop share the batch.
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

  function recordOf(command: CommandMessage): PublishRecord {
    const record = { topic: commandTopic, key: command.deviceId, value: encodeCommand(command) };
    return sign === undefined ? record : sign(record, { kind: 'command', id: command.requestId });
  }

  /** Returns false if a command has to be written again. */
  async function write(batch: readonly CommandMessage[]): Promise<boolean> {
    if (batch.length === 0) return true;
    const records = batch.map(recordOf);
    const outcomes = await backend.publish(records, { timeoutMs: publishTimeoutMs, signal: stopped });
    let isDone = true;
    for (const [index, command] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || outcome.ok || stopped.aborted) continue;
      const { deviceId, requestId } = command;
      const { error } = outcome;
      if (!error.retryable) {
        logger.error({ err: error, deviceId, requestId }, 'a settings command was rejected by Kafka');
        continue;
      }
      logger.warn(
        { err: error, deviceId, requestId },
        'a settings command is not in Kafka yet: the connector retries',
      );
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
