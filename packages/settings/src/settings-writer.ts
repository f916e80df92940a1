import {
  type PublisherBackend,
  type PublishRecord,
  type RecordSigner,
  textHeaders,
} from '@preservarium/backend';
import { type DeadlineOptions, settledWithin, withDeadline } from '@preservarium/concurrency';
import { type DeviceSettings, encodeSettings, PublishTimedOutError } from '@preservarium/core';
import type { Devices } from './devices.js';
import { createInTurn } from './in-turn.js';
import { type AcceptedSettings, noVersion } from './is-accepted.js';
import { type Rivals, writerHeader } from './rivals.js';
import type { SettingsLog } from './settings-log.js';

/** Returns the settings to write, made from the current ones; undefined if no change is needed. */
export type Change = (current: AcceptedSettings | undefined) => DeviceSettings | undefined;

interface WriteOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SettingsWriter {
  /**
   * Writes a change until it counts: after a concurrent change it applies `change` to the new settings and writes again. Resolves with the
   * settings that are current then. Rejects with what `change` throws, with `PUBLISH_TIMED_OUT`, or with `AUTHORIZATION_FAILED` where the
   * signature would be refused.
   */
  write(deviceId: string, change: Change, options: WriteOptions): Promise<AcceptedSettings | undefined>;
}

export interface SettingsWriterOptions {
  readonly backend: PublisherBackend;
  readonly log: SettingsLog;
  readonly devices: Devices;
  readonly rivals: Pick<Rivals, 'self' | 'notice' | 'giveWay'>;
  /** Default: records are not signed. */
  readonly sign?: RecordSigner | undefined;
}

interface Attempt {
  /** The accepted settings; undefined if they are void, or will be. */
  readonly accepted: AcceptedSettings | undefined;
  /** Settles when the record was read, or could not be written. */
  readonly read: Promise<unknown>;
}

/** Returns a writer that publishes settings and learns from the log whether they count. */
export function createSettingsWriter({
  backend,
  log,
  devices,
  rivals,
  sign,
}: SettingsWriterOptions): SettingsWriter {
  const inTurn = createInTurn();
  const headers = textHeaders({ [writerHeader]: rivals.self });

  function recordOf(settings: DeviceSettings): PublishRecord {
    const record = { topic: log.topic, key: settings.deviceId, value: encodeSettings(settings), headers };
    return sign === undefined ? record : sign(record, { kind: 'settings', id: settings.requestId });
  }

  async function attempt(settings: DeviceSettings, waitOptions: DeadlineOptions): Promise<Attempt> {
    const record = recordOf(settings);
    log.assertCounts(record, settings);
    const { verdict, overtaken, forget } = log.expectVerdict(settings);

    async function publish(): Promise<AcceptedSettings | undefined> {
      const [outcome] = await backend.publish([record], waitOptions);
      if (outcome?.ok === false) throw outcome.error;
      return verdict;
    }

    const read = withDeadline(Promise.race([verdict, publish()]), waitOptions).finally(forget);
    // Mark the rejection as handled: an attempt that was overtaken is not waited for.
    read.catch(() => {});
    // The next attempt is made at once: it would lose its turn while its writer reads the void record.
    const accepted = await Promise.race([read, overtaken.then(() => undefined)]);
    return { accepted, read };
  }

  return {
    async write(deviceId, change, { timeoutMs, signal }) {
      const endMs = performance.now() + timeoutMs;
      let acceptedInMs: number | undefined;
      const leftMs = () => Math.max(1, endMs - performance.now());
      const waitOptions = (mayBeWritten: boolean) => ({
        doing: `write the settings of ${deviceId}`,
        timeoutMs: leftMs(),
        signal,
        timedOut: () => new PublishTimedOutError(timeoutMs, { mayBeWritten }),
      });

      async function writeUntilAccepted(): Promise<AcceptedSettings | undefined> {
        let last: Attempt | undefined;
        for (;;) {
          const current = devices.accepted(log.side, deviceId);
          const next = await madeFrom(current, last);
          if (next === undefined) return current;
          if (last === undefined) rivals.notice(deviceId);
          // Settings that may have been left out at a limit cannot be built upon: replace them, so that all readers agree.
          const base = devices.isKnown(log.side, deviceId) ? noVersion : undefined;
          const baseVersion = current?.version ?? base;
          const startedAtMs = performance.now();
          last = await attempt({ ...next, baseVersion }, waitOptions(true));
          if (last.accepted === undefined) continue;
          acceptedInMs = performance.now() - startedAtMs;
          return last.accepted;
        }
      }

      /** Rejects once the void record of the last attempt was read: the caller may have to replace it. */
      async function madeFrom(current: AcceptedSettings | undefined, last: Attempt | undefined) {
        try {
          return change(current);
        } catch (error) {
          if (last !== undefined) await settledWithin(last.read, leftMs());
          throw error;
        }
      }

      const afterwards = async () => {
        if (acceptedInMs !== undefined) await rivals.giveWay(deviceId, acceptedInMs);
      };
      return inTurn(deviceId, { ...waitOptions(false), afterwards }, writeUntilAccepted);
    },
  };
}
