import type { CommandBytes } from '../numbered-command.js';

/** One way to push commands, in any language, in a process of its own. */
export interface Contestant {
  readonly name: string;
  /** Linger, compression and what else matters for its speed. */
  readonly settings: string;
  /**
   * Its records: the numbered commands, which can be checked one by one, records of its own making, which can be counted,
   * or nothing.
   */
  readonly writes: 'commands' | 'records' | 'nothing';
  /** Pushes commands to warm up and then those that are measured. Rejects when the process fails. */
  push(task: PushTask): Promise<Pushed>;
}

export interface PushTask {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly warmUp: number;
  readonly count: number;
  readonly bytes: CommandBytes;
}

export interface Pushed {
  /** Of what is measured, until the last command was acknowledged. */
  readonly elapsedMs: number;
  /** Time of all threads, divided by the commands. */
  readonly cpuMicrosPerCommand: number;
  /** The most that was resident. */
  readonly peakBytes: number;
  /** From the start of the process until the first command was acknowledged, where that can be known. */
  readonly firstPushMs?: number;
  /** How many were not acknowledged. */
  readonly unacknowledged: number;
}
