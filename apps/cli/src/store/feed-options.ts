import type { FeedRetention } from '@preservarium/command-store';
import type { Command } from 'commander';
import { parseCount } from '../arguments.js';
import { parseDuration } from '../duration.js';
import { addStoreOptions, type StoreOptions } from './store-options.js';

export interface FeedOptions extends StoreOptions {
  readonly group?: string;
  /** In milliseconds. */
  readonly maxAge?: number;
  readonly maxCommands?: number;
}

/** Adds the options of commands that fill a store. */
export function addFeedOptions(command: Command): Command {
  command
    .option('--group <id>', 'name of the consumer groups (default: pusher_command_store)')
    .option('--max-age <duration>', 'age at which ended commands are deleted (default: 30d)', parseDuration)
    .option('--max-commands <n>', 'largest number of commands to keep (default: 1000000)', parseCount);
  return addStoreOptions(command);
}

/** Returns the options of the feed. */
export function feedSettings({ group, maxAge, maxCommands }: FeedOptions): {
  readonly groupId?: string;
  readonly retention: FeedRetention;
} {
  return {
    ...(group !== undefined && { groupId: group }),
    retention: {
      ...(maxAge !== undefined && { maxAgeMs: maxAge }),
      ...(maxCommands !== undefined && { maxCommands }),
    },
  };
}
