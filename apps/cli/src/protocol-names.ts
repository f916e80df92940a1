import { readVariables, type Variables } from '@preservarium/environment';
import type { Command } from 'commander';
import { z } from 'zod';
import { type EnvFileOptions, flagsOf } from './common-options.js';

export interface ProtocolNameOptions extends EnvFileOptions {
  readonly protocolName?: readonly string[];
}

const variables = {
  PUSHER_PROTOCOLS: {
    rule: z
      .string()
      .default('')
      .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
      .transform((names) => names.filter((name) => name !== '')),
    meaning: 'Protocols of the application besides `mqtt`, `coap` and `http`, separated by commas.',
    example: 'lora,modbus',
  },
} satisfies Variables;

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
  return readVariables(variables, process.env, { flags }).PUSHER_PROTOCOLS;
}
