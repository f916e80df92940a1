import { randomUUID } from 'node:crypto';
import type { CommandInput } from '@preservarium/core';
import type { AuditedRecord } from '@preservarium/testkit';

const devices = 1_000;
const valueBytes = 300;

/** A command in the two forms that are pushed: an application's input, and an envelope that is made already. */
export interface NumberedCommand {
  readonly push: AuditedRecord;
  readonly input: CommandInput;
  readonly envelope: Readonly<Record<string, unknown>>;
}

/** Commands of about 300 bytes, dealt in turn to 1,000 devices. */
export function numberedCommands(count: number): NumberedCommand[] {
  return Array.from({ length: count }, (_, number) => numberedCommand(number));
}

function numberedCommand(number: number): NumberedCommand {
  const deviceId = `device-${number % devices}`;
  const push = { deviceId, sequence: Math.floor(number / devices) };
  const payload = { sequence: push.sequence, state: 'on', color: 'blue', note: '' };
  const topic = `devices/${deviceId}/commands`;
  const envelope = {
    request_id: randomUUID(),
    timestamp: new Date().toISOString(),
    device_id: deviceId,
    command_type: 'set_led',
    payload,
    protocol: 'mqtt',
    metadata: { topic },
    priority: null,
    expires_at: null,
    topic,
  };
  payload.note = 'x'.repeat(Math.max(0, valueBytes - JSON.stringify(envelope).length));
  return { push, envelope, input: { deviceId, commandType: 'set_led', payload, protocol: 'mqtt', topic } };
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
