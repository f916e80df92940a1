import type { CommandBytes, NumberedCommands } from '../../numbered-command.js';

/** One way to push commands from JavaScript, with all replicas acknowledging and the client's producer idempotent. */
export interface Way {
  /** Other options that determine its speed. */
  readonly settings: string;
  open(route: Route): Promise<OpenWay>;
}

export interface Route {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Commands that are pushed and not yet answered. Default: what suits the way best. */
  readonly inFlight?: number;
}

export interface OpenWay {
  /** Resolves when the answer to every command is known, with the numbers of those that were not acknowledged. */
  pushAll(commands: NumberedCommands): Promise<readonly number[]>;
  /** Resolves when the command is acknowledged. Ways that take many at once have none. */
  pushOne?(number: number, bytes?: CommandBytes): Promise<void>;
  close(): Promise<void>;
}
