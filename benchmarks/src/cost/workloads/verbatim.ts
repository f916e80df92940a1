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
import type { Workload } from './workload.js';

/** Payloads that go on as the text that they came in, and the same without that: read, and written anew. */
export const verbatimWorkloads = {
  'encode verbatim': () => encodeWorkload(300, { isVerbatim: true }),
  'encode written anew': () => encodeWorkload(300, { isVerbatim: false }),
  'decode verbatim': () => decodeWorkload(300, { isVerbatim: true }),
  'decode written anew': () => decodeWorkload(300, { isVerbatim: false }),
  'encode verbatim (1000 bytes)': () => encodeWorkload(1_000, { isVerbatim: true }),
  'encode written anew (1000 bytes)': () => encodeWorkload(1_000, { isVerbatim: false }),
  'decode verbatim (1000 bytes)': () => decodeWorkload(1_000, { isVerbatim: true }),
  'decode written anew (1000 bytes)': () => decodeWorkload(1_000, { isVerbatim: false }),
} satisfies Record<string, () => Workload>;

interface Way {
  readonly isVerbatim: boolean;
}

/** 1,000 validated commands. The text has `1e2`, which JSON writes as `100`: as many bytes, and another text. */
function commandsOf(bytes: CommandBytes, { isVerbatim }: Way): readonly CommandMessage[] {
  return Array.from(inputsOf({ first: 0, count: 1_000, bytes }), (input) => {
    const payload = { ...input.payload, level: 100 };
    const text = JSON.stringify({ payload }).replace('"level":100', '"level":1e2');
    const { payload: ofText } = parseJson(text) as Pick<CommandInput, 'payload'>;
    return parseCommand({ ...input, payload: isVerbatim ? ofText : payload });
  });
}

function encodeWorkload(bytes: CommandBytes, way: Way): Workload {
  const count = 20_000;
  const commands = commandsOf(bytes, way);
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
function decodeWorkload(bytes: CommandBytes, way: Way): Workload {
  const count = 8_000;
  const values = commandsOf(bytes, way).map((command) => encodeCommand(command));
  return {
    bytes,
    count,
    prepare: async () => () => {
      for (let decoded = 0; decoded < count; decoded++) {
        const value = values[decoded % values.length] as Uint8Array;
        const command = decodeCommand(value);
        if (!command.ok) throw new TypeError('a command of this benchmark was not decoded');
        const { payload } = command.command;
        if (way.isVerbatim) keepPayloadSource(payload, value);
        payloadContent(payload);
      }
    },
  };
}
