import { applyMergePatch, parseSettings, SettingsConflictError, ValidationError } from '@preservarium/core';
import { checkDocumentBytes } from './document-size.js';
import { noVersion } from './is-accepted.js';
import type { PushSettingsOptions, SettingsOptions } from './settings.js';
import type { Change } from './settings-writer.js';

export interface PushChange {
  readonly requestId: string;
  readonly change: Change;
}

export interface PushChangeOptions {
  readonly capabilities: SettingsOptions['capabilities'];
  readonly topicPolicy: SettingsOptions['topicPolicy'];
  readonly maxDocumentBytes: number;
  readonly nowMs: number;
}

/**
 * Returns the change that a push of settings makes.
 *
 * @throws ValidationError; and `change` throws SettingsConflictError, MessageTooLargeError, CapabilityError, and what `assertAllowed` throws
 */
export function pushChange(
  deviceId: string,
  patch: Readonly<Record<string, unknown>>,
  {
    ifVersion,
    protocol,
    metadata,
    requestId,
    issuedBy,
    assertAllowed,
    replaces = false,
  }: PushSettingsOptions,
  { capabilities, topicPolicy, maxDocumentBytes, nowMs }: PushChangeOptions,
): PushChange {
  if (ifVersion !== undefined && !(Number.isSafeInteger(ifVersion) && ifVersion >= noVersion)) {
    const message = `is ${ifVersion}; give a version, or -1 for "no settings yet"`;
    throw new ValidationError('settings', [{ path: 'ifVersion', message }]);
  }
  const push = parseSettings({
    deviceId,
    settings: patch,
    timestamp: nowMs,
    protocol,
    metadata,
    requestId,
    issuedBy,
  });

  return {
    requestId: push.requestId,
    change(current) {
      const { settings: before, version } = current ?? { settings: undefined, version: noVersion };
      assertAllowed?.({ settings: before?.settings ?? {}, protocol: before?.protocol ?? 'mqtt' });
      if (ifVersion !== undefined && ifVersion !== version) {
        // The same push has counted before, and its caller did not learn it.
        if (before?.requestId === push.requestId) return undefined;
        throw new SettingsConflictError(deviceId, ifVersion, { version, settings: before?.settings ?? {} });
      }
      const next = {
        ...push,
        settings: applyMergePatch(replaces ? {} : (before?.settings ?? {}), push.settings),
        protocol: push.protocol ?? before?.protocol,
        metadata: metadata === undefined && before !== undefined ? before.metadata : push.metadata,
      };
      const undeliverable = (next.protocol ?? 'mqtt') === 'mqtt' && topicPolicy?.problemOfIds({ deviceId });
      if (undeliverable)
        throw new ValidationError('settings', [{ path: 'deviceId', message: undeliverable }]);
      checkDocumentBytes(next.settings, before?.settings ?? {}, maxDocumentBytes);
      const mismatch = capabilities?.checkSettings(next);
      if (mismatch !== undefined) throw mismatch;
      return next;
    },
  };
}
