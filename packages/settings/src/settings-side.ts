import { randomBytes } from 'node:crypto';
import type { Backend, RateLimitedLog, RecordSigner } from '@preservarium/backend';
import type { Devices } from './devices.js';
import type { DocumentStore, Side } from './documents/document-store.js';
import { createMending, type Mending } from './mending.js';
import { createRivals } from './rivals.js';
import { createSettingsLog, type SettingsLog } from './settings-log.js';
import type { SettingsSignatureCheck } from './settings-signatures.js';
import { createSettingsWriter, type SettingsWriter } from './settings-writer.js';

/** One of the two topics: its log, its writer and its mending. */
export interface SettingsSide
  extends Pick<SettingsLog, 'topic' | 'take' | 'endsVoid' | 'unreadable'>,
    Pick<SettingsWriter, 'write'>,
    Pick<Mending, 'mendNow'> {
  /** To be called when the topic has been read to its end: what is void before that may have been mended after it. */
  startMending(): void;
  /** Rejects the writes in flight. */
  end(error: unknown): void;
}

export interface SettingsSideOptions {
  readonly side: Side;
  readonly topic: string;
  readonly backend: Backend;
  readonly devices: Devices;
  readonly documents: DocumentStore;
  readonly signatures: SettingsSignatureCheck;
  /** Default: records are not signed. */
  readonly sign?: RecordSigner | undefined;
  readonly warnings: RateLimitedLog;
  /** Deadline of writing current settings again, in milliseconds. */
  readonly timeoutMs: number;
  onChange(deviceId: string): void;
}

export function createSettingsSide(options: SettingsSideOptions): SettingsSide {
  const { side, topic, backend, devices, documents, signatures, sign, warnings, timeoutMs, onChange } =
    options;
  let isMending = false;

  const rivals = createRivals(randomBytes(4).toString('hex'));

  const log = createSettingsLog({
    side,
    topic,
    devices,
    documents,
    signatures,
    rivals,
    warnings,
    onChange,
    onVoid(device) {
      if (isMending) mending.mendSoon(device);
    },
  });
  const writer: SettingsWriter = createSettingsWriter({ backend, log, devices, rivals, sign });
  const mending = createMending({ log, writer, timeoutMs, warnings });

  return {
    topic,
    take: log.take,
    endsVoid: log.endsVoid,
    unreadable: log.unreadable,
    write: writer.write,
    mendNow: mending.mendNow,
    startMending() {
      isMending = true;
      for (const device of log.voidDevices()) mending.mendSoon(device);
    },
    end(error) {
      mending.close();
      log.end(error);
    },
  };
}
