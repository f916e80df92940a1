import type { AcceptedSettings } from '../is-accepted.js';
import type { SettingsOfDevice } from '../settings.js';

/** The two sides of a device's settings, each with a topic of its own. */
export type Side = 'desired' | 'reported';

export const sides = ['desired', 'reported'] as const;

/** The settings of one device that count. */
export interface StoredDevice {
  readonly desired?: AcceptedSettings | undefined;
  readonly reported?: AcceptedSettings | undefined;
  /** True: the reported side cannot have been left out. */
  readonly isWhole: boolean;
  /** As they are shown to the application; built on first use. */
  settings?: SettingsOfDevice | undefined;
}

/** A device whose newest record is void. */
export interface VoidDevice {
  readonly deviceId: string;
  /** The push of the record; undefined where it cannot be read. */
  readonly requestId?: string | undefined;
  /** True: its signature is refused. */
  readonly isRefused?: boolean;
}

export interface PartitionOf {
  readonly topic: string;
  readonly partition: number;
}

/** How far a partition was read, and the facts by which it is recognised. */
export interface ReadPosition {
  /** Where the partition began. */
  readonly startOffset: number;
  /** The last record that was read. */
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * All that is known of the settings of all devices, with the positions up to which the topics were read. One implementation is in memory, the
 * other one in a file that outlives the process.
 */
export interface DocumentStore {
  /** How many devices have settings. */
  readonly size: number;
  /** True: the file has reached `limits.maxStoreBytes`. Looked at after each transaction. */
  readonly isFull: boolean;
  find(deviceId: string): StoredDevice | undefined;
  /** Keeps one side of a device, or removes it with undefined; a device without both is not kept. */
  set(side: Side, deviceId: string, accepted: AcceptedSettings | undefined): void;
  /** Returns the ids of all devices. Devices may be changed during the iteration. */
  ids(): Iterable<string>;
  /** Returns the ids of the devices with a difference. Devices may be changed during the iteration. */
  outOfSync(): Iterable<string>;
  /** Returns a device without desired settings, one that was added early. */
  oldestReportedOnly(): string | undefined;

  /** How often settings were left out. A device that is added after reported settings were left out is not whole. */
  readonly forgotten: Readonly<Record<Side, number>>;
  forget(side: Side): void;

  voidOf(side: Side, deviceId: string): VoidDevice | undefined;
  setVoid(side: Side, device: VoidDevice): void;
  removeVoid(side: Side, deviceId: string): void;
  voids(side: Side): Iterable<VoidDevice>;

  /** Returns the partitions that have a position. */
  positions(): readonly PartitionOf[];
  position(partition: PartitionOf): ReadPosition | undefined;
  setPosition(partition: PartitionOf, position: ReadPosition): void;
  /** When all was known that was in the topics, in milliseconds since 1970; undefined if it never was. */
  currentAtMs(): number | undefined;
  setCurrentAt(ms: number): void;

  /** Keeps all changes that `change` makes, or none where it throws. */
  transaction(change: () => void): void;
  /** Removes everything. */
  clear(): void;
  close(): void;
}
