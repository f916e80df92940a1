import type { ConsumedRecord } from '@preservarium/backend';
import type { CommandMessage } from '@preservarium/core';
import type { CommandSource } from '@preservarium/dead-letters';

/** The partition that a command was taken from, for as long as this connector has it. */
export interface Holder {
  readonly partition: number;
  /** Aborted when the deliveries under way are given up. */
  readonly givenUp: AbortController;
  /** Nothing new is begun. */
  readonly isEnding: boolean;
  /** Somebody else may have the partition: nothing is settled any more. */
  isGone: boolean;
  /** The record is done with; what may be committed then is settled. */
  finish(position: { readonly topic: string; readonly offset: number }): void;
}

/** A command that was taken from Kafka and has not come to its end. */
export interface HeldCommand {
  readonly command: CommandMessage;
  readonly record: ConsumedRecord;
  readonly source: CommandSource;
  readonly share: Holder;
  /** Since when it waits, in milliseconds since 1970, where it was read from the waiting topic. */
  readonly waitingSinceMs: number | undefined;
  readonly mayBeRepeat: boolean;
  /** It was sent again from the dead letters: newer commands may have gone before it. */
  readonly isRedriven: boolean;
  attempts: number;
  /** It takes no room among the commands in flight any more. */
  hasLeft: boolean;
}
