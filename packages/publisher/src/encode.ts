import { type PublishRecord, type SigningTerms, textHeaders } from '@preservarium/backend';
import {
  type Cancellation,
  type CommandMessage,
  type DeviceSettings,
  encodeCancellation,
  encodeCommand,
  encodeSettings,
  MessageTooLargeError,
} from '@preservarium/core';
import type { PusherServiceOptions } from './pusher-service.js';

const cancelHeaders = textHeaders({ 'record-type': 'cancel' });

/** A push as it goes to the backend. Only this is retained while it is in flight, to limit GC pressure. */
export interface EncodedPush {
  readonly requestId: string;
  readonly record: PublishRecord;
}

/** The second step of a push: returns the record for the topic, or throws `MESSAGE_TOO_LARGE`. */
export interface Encoding {
  command(command: CommandMessage): EncodedPush;
  settings(settings: DeviceSettings): EncodedPush;
  cancellation(cancellation: Cancellation): EncodedPush;
}

/** Returns the encoding with the topics and the limit of the service. */
export function createEncoding(
  options: Pick<PusherServiceOptions, 'commandTopic' | 'settingsTopic' | 'waitingTopic' | 'limits' | 'sign'>,
): Encoding {
  const {
    commandTopic = 'device_commands',
    settingsTopic = 'device_settings',
    waitingTopic = 'device_commands_waiting',
    limits: { maxMessageBytes = 1_000_000 } = {},
    sign,
  } = options;

  function toRecord(topic: string, key: string, value: Buffer): PublishRecord {
    if (value.length > maxMessageBytes)
      throw new MessageTooLargeError(value.length, { maxBytes: maxMessageBytes });
    return { topic, key, value };
  }

  function encoded(record: PublishRecord, terms: SigningTerms): EncodedPush {
    return { requestId: terms.id, record: sign === undefined ? record : sign(record, terms) };
  }

  return {
    command(command) {
      const topic = typeof commandTopic === 'string' ? commandTopic : commandTopic(command);
      const record = toRecord(topic, command.deviceId, encodeCommand(command));
      return encoded(record, { kind: 'command', id: command.requestId, expiresAt: command.expiresAt });
    },
    settings(settings) {
      const record = toRecord(settingsTopic, settings.deviceId, encodeSettings(settings));
      return { requestId: settings.requestId, record };
    },
    cancellation(cancellation) {
      const { deviceId, requestId } = cancellation;
      const record = toRecord(waitingTopic, deviceId, encodeCancellation(cancellation));
      return encoded({ ...record, headers: cancelHeaders }, { kind: 'cancel', id: requestId });
    },
  };
}
