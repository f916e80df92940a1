import { randomUUID } from 'node:crypto';
import { createRateLimitedLog, guardLogger, silentLogger } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import {
  assertCounts,
  assertDurations,
  ClosedError,
  ConfigurationError,
  SettingsConflictError,
} from '@preservarium/core';
import { createDevices } from './devices.js';
import { toSettingsOfDevice } from './documents/device-settings.js';
import { openDocuments } from './documents/open-documents.js';
import { followTopics } from './follow-topics.js';
import { createFreshness } from './freshness.js';
import { noVersion } from './is-accepted.js';
import { prepareTopics } from './prepare-topics.js';
import { pushChange } from './push-change.js';
import { createReporter } from './reporter.js';
import type { Settings, SettingsOptions } from './settings.js';
import { createSettingsSide } from './settings-side.js';
import { createSettingsSignatureCheck } from './settings-signatures.js';
import { createWatchers } from './watchers.js';
import { createWriteBudget } from './write-budget.js';

const refreshIntervalMs = 10 * 60_000;
/** When a device may report again while all settings are read again. */
const rebuildMs = 10_000;
const retryMs = 1_000;

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
  const {
    backend,
    capabilities,
    topicPolicy,
    limits = {},
    timeoutMs: defaultTimeoutMs = 30_000,
    clock = Date.now,
  } = options;
  const { settingsTopic = 'device_settings', reportedTopic = 'device_settings_reported' } = options;
  const { commandTopic = 'device_commands', groupId = `pusher_settings_${randomUUID()}` } = options;
  const {
    maxDevices = 1_000_000,
    maxDocumentBytes = 16_384,
    reportedBytesPerSecond = maxDocumentBytes / 4,
  } = limits;
  assertCounts({
    'limits.maxDevices': maxDevices,
    'limits.maxDocumentBytes': maxDocumentBytes,
    'limits.reportedBytesPerSecond': limits.reportedBytesPerSecond,
  });
  assertDurations({ timeoutMs: defaultTimeoutMs });
  if (settingsTopic === reportedTopic) {
    throw new ConfigurationError(
      `settingsTopic and reportedTopic are both "${settingsTopic}"; give each a topic of its own`,
    );
  }
  const logger = guardLogger(options.logger ?? silentLogger);
  const warnings = createRateLimitedLog(logger);
  const signatures = createSettingsSignatureCheck(options.signatures);
  const storeFailed = Promise.withResolvers<never>();
  storeFailed.promise.catch(() => {});
  const documents = openDocuments({
    stateDir: options.stateDir,
    identity: () => identityOf({ settingsTopic, reportedTopic, maxDevices }, signatures.identity()),
    logger,
    onFailed: storeFailed.reject,
  });
  const devices = createDevices({ store: documents, maxDevices });
  const watchers = createWatchers(logger);
  const closed = Promise.withResolvers<void>();
  // Mark the rejection as handled: callers may ignore `closed`.
  closed.promise.catch(() => {});
  let hasCaughtUp = false;
  let ended: { readonly error: unknown } | undefined;
  let closing: Promise<void> | undefined;

  const shared = {
    backend,
    devices,
    documents,
    logger,
    warnings,
    timeoutMs: defaultTimeoutMs,
    onChange(deviceId: string) {
      if (hasCaughtUp) watchers.notify(devices.get(deviceId) ?? toSettingsOfDevice(deviceId, {}));
    },
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
  const topics = sides.map(({ topic }) => topic);
  const reporter = createReporter({
    devices,
    writer: reported,
    budget: createWriteBudget({ bytesPerSecond: reportedBytesPerSecond, burstBytes: 4 * maxDocumentBytes }),
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
  const { topicConfig } = backend;
  const configs = options.topicConfigs ?? (topicConfig && { topicConfig });
  const freshness = createFreshness({ configs, topics, documents, clock });
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
    onRebuild() {
      if (hasCaughtUp) void notifyAfterRebuild();
    },
  });
  starting.defer(() => following.close({ timeoutMs: 0 }));
  following.closed.then(() => {
    end(new ClosedError('the settings'));
    closed.resolve();
  }, fail);
  storeFailed.promise.catch(fail);
  await freshness.catchUp(following, { timeoutMs: defaultTimeoutMs });
  hasCaughtUp = true;
  for (const side of sides) side.startMending();
  const refreshing = setInterval(() => void refresh(), refreshIntervalMs).unref();
  starting.move();

  async function refresh(): Promise<void> {
    try {
      await freshness.catchUp(following, { timeoutMs: defaultTimeoutMs });
    } catch (error) {
      if (ended === undefined)
        warnings.warn('the end of the settings topics is not known: the next try is in 10 minutes', {
          err: error,
        });
    }
  }

  /** Changes are not told one by one: a device would be sent all desired settings before its reported ones are read. */
  async function notifyAfterRebuild(): Promise<void> {
    hasCaughtUp = false;
    const over = following.closed.catch(() => {});
    while (!(await isRebuilt())) {
      if (await settledWithin(over, retryMs)) return;
    }
    hasCaughtUp = true;
    for (const settings of devices.outOfSync()) watchers.notify(settings);
  }

  async function isRebuilt(): Promise<boolean> {
    try {
      await following.catchUp({ timeoutMs: defaultTimeoutMs });
      return true;
    } catch (error) {
      if (ended === undefined) warnings.warn('the settings are not read again yet', { err: error });
      return false;
    }
  }

  function fail(error: unknown): void {
    logger.error({ err: error, groupId }, 'reading the settings topics failed');
    closed.reject(error);
    end(error);
  }

  function end(error: unknown): void {
    if (ended !== undefined) return;
    ended = { error };
    reporter.end(error);
    for (const side of sides) side.end(error);
    watchers.endAll(ClosedError.isInstance(error) ? undefined : error);
  }

  function assertRunning(): void {
    if (ended !== undefined) throw ended.error;
  }

  function assertRoom(deviceId: string): void {
    if (devices.hasRoom('desired', deviceId) && devices.isKnown('desired', deviceId)) return;
    throw new ConfigurationError(
      `no room for settings of device "${deviceId}" (limits.maxDevices = ${maxDevices}): raise it, and the memory with it`,
    );
  }

  async function leave(timeoutMs: number): Promise<void> {
    end(new ClosedError('the settings'));
    clearInterval(refreshing);
    await following.close({ timeoutMs });
    documents.close();
  }

  const settings: Settings = {
    async pushSettings(deviceId, patch, { timeoutMs = defaultTimeoutMs, signal, ...push } = {}) {
      assertRunning();
      const endMs = performance.now() + timeoutMs;
      const { requestId, change } = pushChange(deviceId, patch, push, {
        capabilities,
        topicPolicy,
        maxDocumentBytes,
        nowMs: clock(),
      });
      assertRoom(deviceId);
      const current = devices.accepted('desired', deviceId)?.version ?? noVersion;
      // Another process may have seen a version that has not arrived here.
      if (push.ifVersion !== undefined && push.ifVersion > current) {
        await following.catchUp({ timeoutMs, signal });
      }
      try {
        const options = { timeoutMs: endMs - performance.now(), signal };
        const accepted = await desired.write(deviceId, change, options);
        return {
          requestId,
          version: accepted?.version ?? noVersion,
          desired: accepted?.settings.settings ?? {},
        };
      } catch (error) {
        // If several pushes are rejected, the last of them writes the current settings again.
        if (SettingsConflictError.isInstance(error) && desired.endsVoid(deviceId, requestId)) {
          await desired.mendNow(deviceId, endMs - performance.now());
        }
        throw error;
      }
    },
    async reportSettings(deviceId, patch, { timeoutMs = defaultTimeoutMs, signal } = {}) {
      assertRunning();
      // After a rebuild has begun, a known device looks like a made-up one.
      if (!hasCaughtUp) return { kind: 'later', afterMs: rebuildMs };
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
