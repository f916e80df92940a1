import { type PublishRecord, type SigningTerms, textHeaders, type WireFormat } from '@preservarium/backend';
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
  options: Pick<
    PusherServiceOptions,
    'commandTopic' | 'settingsTopic' | 'waitingTopic' | 'format' | 'limits' | 'sign'
  >,
): Encoding {
  const {
    commandTopic = 'device_commands',
    settingsTopic = 'device_settings',
    waitingTopic = 'device_commands_waiting',
    limits: { maxMessageBytes = 1_000_000 } = {},
    format,
    sign,
  } = options;

  function fitting(record: PublishRecord): PublishRecord {
    const { length } = record.value;
    if (length > maxMessageBytes) throw new MessageTooLargeError(length, { maxBytes: maxMessageBytes });
    return record;
  }

  function encoded(record: PublishRecord, terms: SigningTerms): EncodedPush {
    return { requestId: terms.id, record: sign === undefined ? record : sign(record, terms) };
  }

  return {
    command(command) {
      const topic = typeof commandTopic === 'string' ? commandTopic : commandTopic(command);
      const record = fitting(recordOf(command, topic, format));
      return encoded(record, { kind: 'command', id: command.requestId, expiresAt: command.expiresAt });
    },
    settings(settings) {
      const value = encodeSettings(settings);
      const record = fitting({ topic: settingsTopic, key: settings.deviceId, value });
      return encoded(record, { kind: 'settings', id: settings.requestId });
    },
    cancellation(cancellation) {
      const { deviceId, requestId } = cancellation;
      const value = encodeCancellation(cancellation);
      const record = fitting({ topic: waitingTopic, key: deviceId, value, headers: cancelHeaders });
      return encoded(record, { kind: 'cancel', id: requestId });
    },
  };
}

/** The usual one is written out: a copy of its fields costs a few percent of a push. */
function recordOf(
  command: CommandMessage,
  topic: string,
  format: Pick<WireFormat, 'encodeCommand'> | undefined,
): PublishRecord {
  const key = command.deviceId;
  if (format === undefined) return { topic, key, value: encodeCommand(command) };
  return { topic, key, ...format.encodeCommand(command) };
}
