import type { RateLimitedLog } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import type { Devices } from './devices.js';
import { toSettingsOfDevice } from './documents/device-settings.js';
import type { Following } from './follow-topics.js';
import type { Freshness } from './freshness.js';
import type { Watchers } from './watchers.js';

const refreshIntervalMs = 10 * 60_000;
const retryMs = 1_000;

/** Knows if the settings are those of now, and notifies of changes only then. */
export interface CatchUp {
  /** Resolves when the topics have been read to their ends. That is repeated every 10 minutes. */
  start(following: Following): Promise<void>;
  /** Returns true from then on, but while all settings are read again. */
  isDone(): boolean;
  notify(deviceId: string): void;
  /** All settings are read again. */
  onRebuild(): void;
  stop(): void;
}

export interface CatchUpOptions {
  readonly devices: Pick<Devices, 'get' | 'outOfSync'>;
  readonly watchers: Pick<Watchers, 'notify'>;
  readonly freshness: Pick<Freshness, 'catchUp'>;
  readonly warnings: RateLimitedLog;
  readonly timeoutMs: number;
}

export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { devices, watchers, freshness, warnings, timeoutMs } = options;
  let following: Following | undefined;
  let isDone = false;
  let isStopped = false;
  let refreshing: NodeJS.Timeout | undefined;

  async function refresh(following: Following): Promise<void> {
    try {
      await freshness.catchUp(following, { timeoutMs });
    } catch (error) {
      warn('the end of the settings topics is not known: the next try is in 10 minutes', error);
    }
  }

  /** Changes are not told one by one: a device would be sent all desired settings before its reported ones are read. */
  async function notifyAfterRebuild(following: Following): Promise<void> {
    isDone = false;
    const over = following.closed.catch(() => {});
    while (!(await isRebuilt(following))) {
      if (await settledWithin(over, retryMs)) return;
    }
    isDone = true;
    for (const settings of devices.outOfSync()) watchers.notify(settings);
  }

  async function isRebuilt(following: Following): Promise<boolean> {
    try {
      await following.catchUp({ timeoutMs });
      return true;
    } catch (error) {
      warn('the settings are not read again yet', error);
      return false;
    }
  }

  function warn(message: string, error: unknown): void {
    if (!isStopped) warnings.warn(message, { err: error });
  }

  return {
    async start(given) {
      following = given;
      await freshness.catchUp(given, { timeoutMs });
      isDone = true;
      if (!isStopped) refreshing = setInterval(() => void refresh(given), refreshIntervalMs).unref();
    },
    isDone: () => isDone,
    notify(deviceId) {
      if (isDone) watchers.notify(devices.get(deviceId) ?? toSettingsOfDevice(deviceId, {}));
    },
    onRebuild() {
      if (isDone && following !== undefined) void notifyAfterRebuild(following);
    },
    stop() {
      isStopped = true;
      clearInterval(refreshing);
    },
  };
}
