import { type CommandMessage, jsonSourceOf, ValidationError } from '@preservarium/core';
import type { DeliveryContext } from './deliverer.js';
import { isSettingsCommand } from './is-settings-command.js';

/** The bytes that are sent to the device for a command. */
export interface DevicePayload {
  readonly bytes: Buffer;
  /** Media type, for protocols that carry one, for example `application/json`. */
  readonly contentType: string;
}

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
 * The payload as JSON in UTF-8, byte for byte as it came where it came as text; a payload that consists of `raw` alone, in hexadecimal, as the bytes that it stands for, unless it is
 * settings.
 *
 * @throws ValidationError when `raw` is not hexadecimal
 */
export function formatAsJson(command: CommandMessage): DevicePayload {
  const { payload } = command;
  const { raw } = payload;
  if (typeof raw !== 'string' || Object.keys(payload).length > 1 || isSettingsCommand(command)) {
    const source = jsonSourceOf(payload);
    return { bytes: Buffer.from(source ?? JSON.stringify(payload)), contentType: 'application/json' };
  }
  if (!/^([0-9a-f]{2})*$/i.test(raw)) {
    const message = 'must be hexadecimal, two digits a byte, for example "0aff"';
    throw new ValidationError('command', [{ path: 'payload.raw', message }]);
  }
  return { bytes: Buffer.from(raw, 'hex'), contentType: 'application/octet-stream' };
}
