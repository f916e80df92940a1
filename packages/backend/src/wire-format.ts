import type { CommandMessage, DecodeFailure, LifecycleEvent } from '@preservarium/core';
import type { PublishRecord } from './publisher-backend.js';
import type { ConsumedRecord } from './subscriber-backend.js';

/**
 * The records of commands and of their ends in another form than that of `@preservarium/core`, for applications or connectors of others. A service
 * encodes commands, a connector decodes them and encodes their ends, a tracker decodes those. `createHonoFormat` of `@preservarium/hono` makes one.
 */
export interface WireFormat {
  /** Returns value and headers of the record. @throws ValidationError that names each field that the form has no place for */
  encodeCommand(command: CommandMessage): Pick<PublishRecord, 'value' | 'headers'>;
  /** Reads a command; never throws. The same record gives the same command, always. */
  decodeCommand(record: ConsumedRecord, defaults: WireDefaults): WireCommand;
  /** The topic of the ends of commands. A connector creates it where it is missing. */
  readonly endTopic: string;
  /** Returns the record that tells the sender of a command its end; undefined where the sender wants none. */
  encodeEnd(record: ConsumedRecord, end: LifecycleEvent): PublishRecord | undefined;
  /** Reads what a record of `endTopic` says of a command; never throws. */
  decodeEnd(record: ConsumedRecord): WireEvents;
}

/** Values that the form itself does not carry. */
export interface WireDefaults {
  readonly protocol: string;
  /** For a command without an id of its own; names its place in Kafka. */
  readonly requestId: string;
}

export type WireCommand = { readonly ok: true; readonly command: CommandMessage } | DecodeFailure;

export type WireEvents =
  | { readonly ok: true; readonly events: readonly LifecycleEvent[] }
  | Pick<DecodeFailure, 'ok' | 'message'>;
