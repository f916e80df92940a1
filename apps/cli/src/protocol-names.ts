import { protocolVariables } from '@preservarium/command-line/application';
import { readVariables } from '@preservarium/environment';
import type { Command } from 'commander';
import { type EnvFileOptions, flagsOf } from './common-options.js';

export interface ProtocolNameOptions extends EnvFileOptions {
  readonly protocolName?: readonly string[];
}

/** Adds the option that registers protocols of the application. */
export function addProtocolNameOption(command: Command): Command {
  return command.option(
    '--protocol-name <name...>',
    "the application's own protocols, besides mqtt, coap and http (PUSHER_PROTOCOLS, separated by commas)",
  );
}

/** Returns the protocols that `--protocol-name`, or else `PUSHER_PROTOCOLS`, registers; in lower case. */
export function readProtocols(options: ProtocolNameOptions): readonly string[] {
  const flags = { ...flagsOf(options), PUSHER_PROTOCOLS: options.protocolName?.join(',') };
  return readVariables(protocolVariables, process.env, { flags }).PUSHER_PROTOCOLS;
}
