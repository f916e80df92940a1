import type { Command } from 'commander';
import { addCommonOptions, type CommonOptions } from '../common-options.js';

export interface StoreOptions extends CommonOptions {
  readonly store?: string;
}

/** Adds the options of commands that read or fill a store. */
export function addStoreOptions(command: Command): Command {
  command
    .option('--store <url>', 'sqlite:PATH or postgres://... (COMMAND_STORE_URL)')
    .option(
      '--event-topic <topic>',
      'topic of lifecycle events (DEVICE_EVENT_TOPIC; default: device_command_events)',
    );
  return addCommonOptions(command);
}
