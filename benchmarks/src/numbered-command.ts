import { randomUUID } from 'node:crypto';
import type { CommandInput } from '@preservarium/core';
import type { AuditedRecord } from '@preservarium/testkit';

const devices = 1_000;
/** Brings the value of the record to about 300 bytes. */
const note = 'x'.repeat(58);

/** The commands from `first` on, dealt in turn to 1,000 devices. Each is made when it is pushed, as an application does. */
export interface NumberedCommands {
  readonly first: number;
  readonly count: number;
}

export function* numbersOf({ first, count }: NumberedCommands): Generator<number, undefined> {
  for (let number = first; number < first + count; number++) yield number;
}

export function* inputsOf(commands: NumberedCommands): Generator<CommandInput, undefined> {
  for (const number of numbersOf(commands)) yield inputOf(number);
}

/** What this project is given: the request id and the time are its business. */
export function inputOf(number: number): CommandInput {
  const deviceId = deviceOf(number);
  return {
    deviceId,
    commandType: 'set_led',
    payload: { sequence: sequenceOf(number), state: 'on', color: 'blue', note },
    protocol: 'mqtt',
    topic: `devices/${deviceId}/commands`,
  };
}

/** The same as it is on the wire, for those who push by hand. */
export function envelopeOf(number: number) {
  const deviceId = deviceOf(number);
  const topic = `devices/${deviceId}/commands`;
  return {
    request_id: randomUUID(),
    timestamp: new Date().toISOString(),
    device_id: deviceId,
    command_type: 'set_led',
    payload: { sequence: sequenceOf(number), state: 'on', color: 'blue', note },
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

export function auditedRecordOf(number: number): AuditedRecord {
  return { deviceId: deviceOf(number), sequence: sequenceOf(number) };
}

function sequenceOf(number: number): number {
  return Math.floor(number / devices);
}

/** Which command a record came from. */
export function pushOf({
  key,
  value,
}: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): AuditedRecord {
  const { payload } = JSON.parse(String(value)) as { readonly payload: { readonly sequence: number } };
  return { deviceId: String(key), sequence: payload.sequence };
}
