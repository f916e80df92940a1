import { randomUUID } from 'node:crypto';
import type { CommandInput } from '@preservarium/core';

const devices = 1_000;
/** Roughly the size of the value of a record. */
export type CommandBytes = 300 | 1_000;

/** Padding that brings the value of the record to its size. */
const notes: Readonly<Record<CommandBytes, string>> = { 300: 'x'.repeat(58), 1000: 'x'.repeat(758) };

/** The commands from `first` on, dealt in turn to 1,000 devices. Each is made when it is pushed, as an application does. */
export interface NumberedCommands {
  readonly first: number;
  readonly count: number;
  /** Default 300. */
  readonly bytes?: CommandBytes;
}

export function* numbersOf({ first, count }: NumberedCommands): Generator<number, undefined> {
  for (let number = first; number < first + count; number++) yield number;
}

export function* inputsOf(commands: NumberedCommands): Generator<CommandInput, undefined> {
  for (const number of numbersOf(commands)) yield inputOf(number, commands.bytes);
}

/** The input of this project, which adds the request id and the time. */
export function inputOf(number: number, bytes: CommandBytes = 300): CommandInput {
  const deviceId = deviceOf(number);
  return {
    deviceId,
    commandType: 'set_led',
    payload: { sequence: sequenceOf(number), state: 'on', color: 'blue', note: notes[bytes] },
    protocol: 'mqtt',
    topic: `devices/${deviceId}/commands`,
  };
}

/** The same as it is on the wire, for those who push by hand. */
export function envelopeOf(number: number, bytes: CommandBytes = 300) {
  const deviceId = deviceOf(number);
  const topic = `devices/${deviceId}/commands`;
  return {
    request_id: randomUUID(),
    timestamp: new Date().toISOString(),
    device_id: deviceId,
    command_type: 'set_led',
    payload: { sequence: sequenceOf(number), state: 'on', color: 'blue', note: notes[bytes] },
    protocol: 'mqtt',
    metadata: { topic },
    priority: null,
    expires_at: null,
    topic,
  };
}

export function deviceOf(number: number): string {
  return `device-${number % devices}`;
}

function sequenceOf(number: number): number {
  return Math.floor(number / devices);
}

/** The identity of a command. */
export interface CommandPlace {
  readonly deviceId: string;
  readonly sequence: number;
}

export function placeOf(number: number): CommandPlace {
  return { deviceId: deviceOf(number), sequence: sequenceOf(number) };
}

/** Which command a record came from. */
export function commandOf({
  key,
  value,
}: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): CommandPlace {
  const { payload } = JSON.parse(String(value)) as { readonly payload: { readonly sequence: number } };
  return { deviceId: String(key), sequence: payload.sequence };
}
