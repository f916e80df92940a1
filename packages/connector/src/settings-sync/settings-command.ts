import { createHash } from 'node:crypto';
import {
  type CommandMessage,
  exactNumbers,
  type JsonObject,
  type Protocol,
  parseCommand,
  parseJson,
} from '@preservarium/core';
import { settingsCommandType } from '@preservarium/deliverer';
import type { SyncedSettings } from './settings-store.js';

/**
 * Returns the command with the difference of a device. A newer one supersedes it. Its request id depends only on the device and the
 * versions, so that all connectors make the same command.
 *
 * @throws ValidationError where the settings cannot be a command
 */
export function settingsCommand(settings: SyncedSettings, timestamp: Date): CommandMessage {
  const { deviceId, protocol, difference, metadata, issuedBy, desiredVersion = null } = settings;
  return parseCommand(
    {
      requestId: settingsRequestId(settings),
      timestamp,
      deviceId,
      commandType: settingsCommandType,
      // As text, which goes to the device with all digits of its numbers.
      payload: parseJson(JSON.stringify(exactNumbers(difference))) as JsonObject,
      protocol: protocol as Protocol,
      supersedeKey: settingsCommandType,
      issuedBy,
      metadata: { ...metadata, desired_version: desiredVersion },
    },
    { protocols: [protocol] },
  );
}

/**
 * Returns the request id of the settings command of a device: a UUID of version 8 (RFC 9562, section 5.8), made of the device id and
 * the versions. Use it to find the lifecycle events of the command.
 */
export function settingsRequestId({
  deviceId,
  desiredVersion,
  reportedVersion,
}: Pick<SyncedSettings, 'deviceId' | 'desiredVersion' | 'reportedVersion'>): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([deviceId, desiredVersion ?? null, reportedVersion ?? null]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
