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

/** The options of the commands that fill a store. */
export function addFeedOptions(command: Command): Command {
  command
    .option('--group <id>', 'what the consumer groups are called (default: pusher_command_store)')
    .option(
      '--max-age <duration>',
      'how long commands stay after they came to rest (default: 30d)',
      parseDuration,
    )
    .option('--max-commands <n>', 'how many commands stay (default: 1000000)', parseCount);
  return addStoreOptions(command);
}

/** What of it is for the feed. */
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
