import { type CommandMessage, jsonSourceOf, payloadContent, ValidationError } from '@preservarium/core';
import type { DeliveryContext } from './deliverer.js';
import { isSettingsCommand } from './is-settings-command.js';

/** The bytes that are sent to the device for a command. */
export interface DevicePayload {
  readonly bytes: Buffer;
  /** Media type, for protocols that carry one, for example `application/json`. */
  readonly contentType: string;
}

const json = 'application/json';
const binary = 'application/octet-stream';

/** Facts of a delivery that a payload may contain. */
export type FormatContext = Pick<DeliveryContext, 'sequence'>;

/**
 * Turns a command into the device's own bytes, by its type, its metadata or whatever the application goes by; `undefined`
 * leaves it to {@link formatAsJson}. A command for which it throws is rejected.
 */
export type FormatCommand = (
  command: CommandMessage,
  context: FormatContext,
) => DevicePayload | undefined | Promise<DevicePayload | undefined>;

/**
 * The payload as JSON in UTF-8, byte for byte as it came where it came as text; of `{"$value": …}` the value alone. A payload that consists of `$bytes` or `raw` alone, in
 * hexadecimal, is the bytes that it stands for. Settings are sent as they are.
 *
 * @throws ValidationError when `$bytes` or `raw` is not hexadecimal
 */
export function formatAsJson(command: CommandMessage): DevicePayload {
  const { payload } = command;
  if (isSettingsCommand(command)) {
    return { bytes: Buffer.from(jsonSourceOf(payload) ?? JSON.stringify(payload)), contentType: json };
  }
  const { raw } = payload;
  if (typeof raw !== 'string' || Object.keys(payload).length > 1) {
    const content = payloadContent(payload);
    return content.kind === 'json'
      ? { bytes: content.text, contentType: json }
      : { bytes: content.bytes, contentType: binary };
  }
  if (!/^([0-9a-f]{2})*$/i.test(raw)) {
    const message = 'must be hexadecimal, two digits a byte, for example "0aff"';
    throw new ValidationError('command', [{ path: 'payload.raw', message }]);
  }
  return { bytes: Buffer.from(raw, 'hex'), contentType: binary };
}
