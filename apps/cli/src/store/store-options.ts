import type { Command } from 'commander';
import { addCommonOptions, type CommonOptions } from '../common-options.js';

export interface StoreOptions extends CommonOptions {
  readonly store?: string;
}

/** The options of every command that asks a store or fills it. */
export function addStoreOptions(command: Command): Command {
  command
    .option('--store <url>', 'sqlite:PATH or postgres://... (COMMAND_STORE_URL)')
    .option(
      '--event-topic <topic>',
      'where connectors write what becomes of commands (DEVICE_EVENT_TOPIC; default: device_command_events)',
    );
  return addCommonOptions(command);
}
