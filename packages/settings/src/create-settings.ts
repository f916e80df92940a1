import { createRateLimitedLog } from '@preservarium/backend';
import { ClosedError } from '@preservarium/core';
import { createCatchUp } from './catch-up.js';
import { createDevices } from './devices.js';
import { openDocuments } from './documents/open-documents.js';
import { followTopics } from './follow-topics.js';
import { createFreshness } from './freshness.js';
import { prepareTopics } from './prepare-topics.js';
import { createPushSettings } from './push-settings.js';
import { createReporter } from './reporter.js';
import { resolveOptions } from './resolve-options.js';
import type { Settings, SettingsOptions } from './settings.js';
import { createSettingsSide } from './settings-side.js';
import { createSettingsSignatureCheck } from './settings-signatures.js';
import { createWatchers } from './watchers.js';
import { createWriteBudget } from './write-budget.js';

/** When a device may report again while all settings are read again. */
const rebuildMs = 10_000;

/**
 * Reads the settings of all devices and follows their changes. Resolves when both topics have been read to their ends. Creates missing
 * topics.
 *
 * ```ts
 * const settings = await createSettings({ backend });
 * const { version } = await settings.pushSettings('device123', { led: { color: 'blue' } });
 * ```
 *
 * @throws BackendUnavailableError, AuthenticationError, AuthorizationError, ConfigurationError, ClosedError
 */
export async function createSettings(options: SettingsOptions): Promise<Settings> {
  const { backend } = options;
  const resolved = resolveOptions(options);
  const { settingsTopic, reportedTopic, commandTopic, groupId, maxDevices, maxStoreBytes, maxDocumentBytes } =
    resolved;
  const { timeoutMs: defaultTimeoutMs, clock, logger } = resolved;
  const warnings = createRateLimitedLog(logger);
  const signatures = createSettingsSignatureCheck(options.signatures);
  const storeFailed = Promise.withResolvers<never>();
  storeFailed.promise.catch(() => {});
  const documents = openDocuments({
    stateDir: options.stateDir,
    maxStoreBytes,
    identity: () =>
      identityOf({ settingsTopic, reportedTopic, maxDevices, maxStoreBytes }, signatures.identity()),
    logger,
    onFailed: storeFailed.reject,
  });
  const devices = createDevices({ store: documents, maxDevices, maxStoreBytes });
  const watchers = createWatchers(logger);
  const closed = Promise.withResolvers<void>();
  // Mark the rejection as handled: callers may ignore `closed`.
  closed.promise.catch(() => {});
  let ended: { readonly error: unknown } | undefined;
  let closing: Promise<void> | undefined;

  const topics = [settingsTopic, reportedTopic];
  const { topicConfig } = backend;
  const configs = options.topicConfigs ?? (topicConfig && { topicConfig });
  const freshness = createFreshness({ configs, topics, documents, clock });
  const catchUp = createCatchUp({
    devices,
    watchers,
    freshness,
    warnings,
    timeoutMs: defaultTimeoutMs,
  });
  const shared = {
    backend,
    devices,
    documents,
    logger,
    warnings,
    timeoutMs: defaultTimeoutMs,
    onChange: catchUp.notify,
  };
  const desired = createSettingsSide({
    ...shared,
    side: 'desired',
    topic: settingsTopic,
    signatures,
    sign: options.sign,
  });
  const reported = createSettingsSide({
    ...shared,
    side: 'reported',
    topic: reportedTopic,
    signatures: createSettingsSignatureCheck(undefined),
  });
  const sides = [desired, reported];
  const reporter = createReporter({
    devices,
    writer: reported,
    budget: createWriteBudget({
      bytesPerSecond: resolved.reportedBytesPerSecond,
      burstBytes: 4 * maxDocumentBytes,
    }),
    warnings,
    maxDocumentBytes,
    writeTimeoutMs: defaultTimeoutMs,
    clock,
    knowsDevice: options.knowsDevice ?? (() => false),
  });

  // ---- start and end

  await using starting = new AsyncDisposableStack();
  starting.defer(() => documents.close());
  await prepareTopics(backend, { topics, commandTopic });
  await freshness.dropOutdated();
  const following = await followTopics({
    backend,
    topics,
    groupId,
    documents,
    logger,
    onRecord(record) {
      (record.topic === settingsTopic ? desired : reported).take(record);
    },
    onRebuild: catchUp.onRebuild,
  });
  starting.defer(() => following.close({ timeoutMs: 0 }));
  following.closed.then(() => {
    end(new ClosedError('the settings'));
    closed.resolve();
  }, fail);
  storeFailed.promise.catch(fail);
  await catchUp.start(following);
  for (const side of sides) side.startMending();
  starting.move();

  function fail(error: unknown): void {
    logger.error({ err: error, groupId }, 'reading the settings topics failed');
    closed.reject(error);
    end(error);
  }

  function end(error: unknown): void {
    if (ended !== undefined) return;
    ended = { error };
    catchUp.stop();
    reporter.end(error);
    for (const side of sides) side.end(error);
    watchers.endAll(ClosedError.isInstance(error) ? undefined : error);
  }

  function assertRunning(): void {
    if (ended !== undefined) throw ended.error;
  }

  async function leave(timeoutMs: number): Promise<void> {
    end(new ClosedError('the settings'));
    await following.close({ timeoutMs });
    documents.close();
  }

  const settings: Settings = {
    pushSettings: createPushSettings({
      checks: options,
      resolved,
      devices,
      desired,
      following,
      assertRunning,
    }),
    async reportSettings(deviceId, patch, { timeoutMs = defaultTimeoutMs, signal } = {}) {
      assertRunning();
      // After a rebuild has begun, a known device looks like a made-up one.
      if (!catchUp.isDone()) return { kind: 'later', afterMs: rebuildMs };
      return reporter.report(deviceId, patch, { timeoutMs, signal });
    },
    getSettings(deviceId) {
      assertRunning();
      return devices.get(deviceId);
    },
    deviceIds() {
      assertRunning();
      return devices.ids();
    },
    watchSettings({ deviceId, signal } = {}) {
      assertRunning();
      const current = deviceId === undefined ? undefined : devices.get(deviceId);
      return watchers.watch({ deviceId, current, signal });
    },
    onChange(listener) {
      assertRunning();
      return watchers.listen(listener);
    },
    outOfSync() {
      assertRunning();
      return devices.outOfSync();
    },
    signatureMode: options.signatures && (options.signatures.mode ?? 'enforce'),
    status: () => ({
      devices: devices.size,
      devicesNotKept: devices.notKept,
      unreadableRecords: desired.unreadable() + reported.unreadable(),
      refusedReports: reporter.refused,
      deferredReports: reporter.deferred,
      signatures: signatures.counts(),
    }),
    closed: closed.promise,
    close({ timeoutMs = 10_000 } = {}) {
      closing ??= leave(timeoutMs);
      return closing;
    },
    [Symbol.asyncDispose]: () => settings.close(),
  };
  return settings;
}

/** Returns a text that is another one where the same records would give other documents. */
function identityOf(facts: object, signatures: string | undefined): string | undefined {
  return signatures === undefined ? undefined : JSON.stringify({ ...facts, signatures });
}
