import type { ConsumedRecord } from '@preservarium/backend';
import {
  type CommandState,
  decodeCommand,
  decodeLifecycleEvent,
  type RequiredEvidence,
} from '@preservarium/core';
import { scanTopic } from '@preservarium/dev-services';
import type { Execution } from './command.js';
import { createLives } from './lives.js';
import type { Scene } from './scene.js';

const scanTimeoutMs = 300_000;

/** A command as it is in Kafka. */
interface WrittenCommand {
  readonly requestId: string;
  readonly deviceId: string;
  readonly partition: number;
  readonly offset: number;
  /** When Kafka's record of it was written, in milliseconds since 1970. */
  readonly writtenAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly requiredEvidence: RequiredEvidence;
}

export interface WrittenEvent {
  readonly state: CommandState;
  /** When Kafka's record of it was written, in milliseconds since 1970. */
  readonly atMs: number;
  readonly attempt: number | undefined;
  readonly mayBeRepeat: boolean;
  readonly mayBeExecuted: boolean;
  readonly reason: string | undefined;
  /** The request id of the command behind which it waits; its own where a redrive joins an earlier life. */
  readonly behind: string | undefined;
}

/** All that is known of a run: what Kafka has, and what devices did. Commands are named by their lives: see `lives.ts`. */
export interface Evidence {
  /** Commands that Kafka acknowledged, by the pushers' records. */
  readonly acknowledged: ReadonlySet<string>;
  /** In the order of each partition; the first one where a pusher wrote a request id twice. */
  readonly commands: ReadonlyMap<string, WrittenCommand>;
  /** Lives that were begun from the dead letters. */
  readonly redriven: number;
  /** Records of the command topic with the request id of an earlier one. */
  readonly duplicates: number;
  readonly events: ReadonlyMap<string, readonly WrittenEvent[]>;
  readonly deadLetters: number;
  /** In the order of each device. */
  readonly executions: readonly Execution[];
}

/** Reads the topics to their ends. */
export async function readEvidence(
  { kafka, topics }: Scene,
  records: Pick<Evidence, 'acknowledged' | 'executions'>,
): Promise<Evidence> {
  const commands = new Map<string, WrittenCommand>();
  const events = new Map<string, WrittenEvent[]>();
  const lives = createLives();
  let duplicates = 0;
  let redriven = 0;
  let deadLetters = 0;

  function readCommand(record: ConsumedRecord): void {
    const decoded = decodeCommand(record.value);
    if (!decoded.ok) throw new Error(`offset ${record.offset} of the command topic: ${decoded.message}`);
    const { requestId, deviceId, expiresAt, requiredEvidence = 'gateway' } = decoded.command;
    const life = lives.add(record, requestId);
    const isRedriven = life !== requestId;
    if (commands.has(life)) duplicates += isRedriven ? 0 : 1;
    else {
      redriven += isRedriven ? 1 : 0;
      const { partition, offset, timestampMs: writtenAtMs } = record;
      const expiresAtMs = expiresAt?.getTime();
      commands.set(life, {
        requestId,
        deviceId,
        partition,
        offset,
        writtenAtMs,
        expiresAtMs,
        requiredEvidence,
      });
    }
  }

  function readEvent({ value, offset, timestampMs: atMs }: ConsumedRecord): void {
    const decoded = decodeLifecycleEvent(value);
    if (!decoded.ok) throw new Error(`offset ${offset} of the event topic: ${decoded.message}`);
    const life = lives.ofEvent(decoded.event);
    const { state, attempt, mayBeRepeat = false, mayBeExecuted = false, reason, behind } = decoded.event;
    let ofCommand = events.get(life);
    if (ofCommand === undefined) {
      ofCommand = [];
      events.set(life, ofCommand);
    }
    ofCommand.push({ state, atMs, attempt, mayBeRepeat, mayBeExecuted, reason, behind });
  }

  const scan = (topic: string, onRecord: (record: ConsumedRecord) => void) =>
    scanTopic(kafka, topic, onRecord, { timeoutMs: scanTimeoutMs });
  await scan(topics.commands, readCommand);
  await scan(topics.events, readEvent);
  await scan(topics.deadLetters, () => deadLetters++);
  const executions = records.executions.map((execution) => ({
    ...execution,
    requestId: lives.ofExecution(execution),
  }));
  return { ...records, executions, commands, duplicates, redriven, events, deadLetters };
}
