import {
  type CommandInput,
  type CommandMessage,
  decodeCommand,
  encodeCommand,
  keepPayloadSource,
  parseCommand,
  parseJson,
  payloadContent,
} from '@preservarium/core';
import { type CommandBytes, inputsOf } from '../../numbered-command.js';
import { readyCommands } from '../../push/ways/ready-commands.js';
import { encodeWorkload } from './codec.js';
import type { Workload } from './workload.js';

/** Payloads that go on as the text that they came in, and the same without that: read, and written anew. */
export const verbatimWorkloads = {
  'encode verbatim': () => encodeVerbatimWorkload(300),
  'encode written anew': () => encodeWorkload(300),
  'decode verbatim': () => decodeWorkload(300, { isVerbatim: true }),
  'decode written anew': () => decodeWorkload(300, { isVerbatim: false }),
  'encode verbatim (1000 bytes)': () => encodeVerbatimWorkload(1_000),
  'encode written anew (1000 bytes)': () => encodeWorkload(1_000),
  'decode verbatim (1000 bytes)': () => decodeWorkload(1_000, { isVerbatim: true }),
  'decode written anew (1000 bytes)': () => decodeWorkload(1_000, { isVerbatim: false }),
} satisfies Record<string, () => Workload>;

function encodeVerbatimWorkload(bytes: CommandBytes): Workload {
  const count = 20_000;
  const commands = Array.from(inputsOf({ first: 0, count: 1_000, bytes }), (input) =>
    parseCommand({
      ...input,
      ...(parseJson(JSON.stringify({ payload: input.payload })) as Pick<CommandInput, 'payload'>),
    }),
  );
  return {
    bytes,
    count,
    prepare: async () => () => {
      for (let encoded = 0; encoded < count; encoded++) {
        encodeCommand(commands[encoded % commands.length] as CommandMessage);
      }
    },
  };
}

/** From the value of a record to the bytes for the device, as a connector takes them. */
function decodeWorkload(bytes: CommandBytes, { isVerbatim }: { readonly isVerbatim: boolean }): Workload {
  const count = 8_000;
  const values = readyCommands(bytes).map((command) => encodeCommand(command));
  return {
    bytes,
    count,
    prepare: async () => () => {
      for (let decoded = 0; decoded < count; decoded++) {
        const value = values[decoded % values.length] as Uint8Array;
        const command = decodeCommand(value);
        if (!command.ok) throw new TypeError('a command of this benchmark was not decoded');
        const { payload } = command.command;
        if (isVerbatim) keepPayloadSource(payload, value);
        payloadContent(payload);
      }
    },
  };
}
