import {
  type ConsumedRecord,
  noHeaders,
  type PublishRecord,
  type RecordHeaders,
} from '@preservarium/backend';
import { type CommandInput, encodeCommand, parseCommand } from '@preservarium/core';
import { deadLetterRecord, type NewDeadLetter } from '../src/dead-letter.js';

export interface GivenLetter extends Partial<Omit<NewDeadLetter, 'record'>> {
  /** Default: the device id. */
  readonly key?: Buffer;
  /** Value in place of a command. */
  readonly value?: Buffer;
  readonly command?: Partial<CommandInput>;
  readonly headers?: RecordHeaders;
}

export function commandOf({ command }: GivenLetter) {
  return parseCommand({
    deviceId: 'd',
    commandType: 'set_led',
    protocol: 'mqtt',
    timestamp: new Date(1000),
    ...command,
  });
}

/** As a connector would write it: a command to the device `d` that was exhausted, where nothing else is given. */
export function letterRecord(topic: string, given: GivenLetter = {}): PublishRecord {
  const {
    key = Buffer.from(given.command?.deviceId ?? 'd'),
    value = encodeCommand(commandOf(given)),
    headers = noHeaders,
    command: _,
    ...letter
  } = given;
  const { source = { topic: 'device_commands', partition: 0, offset: 0 } } = letter;
  return deadLetterRecord(topic, {
    reason: 'exhausted',
    message: 'no answer',
    attempts: 5,
    groupId: 'pusher_connector_mqtt',
    diedAtMs: 2000,
    ...letter,
    source,
    record: { ...source, timestampMs: 0, key, value, headers },
  });
}

/** As it is read from the dead-letter topic. */
export function consumedLetter(
  { partition, offset }: { readonly partition: number; readonly offset: number },
  given?: GivenLetter,
): ConsumedRecord {
  const { topic, key, value, headers = noHeaders } = letterRecord('dead', given);
  return { topic, partition, offset, timestampMs: 2000, key: Buffer.from(key as string), value, headers };
}
