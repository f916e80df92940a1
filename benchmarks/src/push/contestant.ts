import type { NumberedCommands } from '../numbered-command.js';

/** One way to push commands, with all replicas acknowledging and the client's producer idempotent. */
export interface Contestant {
  readonly name: string;
  open(brokers: readonly string[]): Promise<OpenContestant>;
}

interface OpenContestant {
  /** Resolves when the answer to every command is known, with whether each was acknowledged. */
  push(topic: string, commands: NumberedCommands): Promise<readonly boolean[]>;
  close(): Promise<void>;
}
