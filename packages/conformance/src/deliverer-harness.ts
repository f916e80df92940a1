import type { Deliverer, FormatCommand } from '@preservarium/deliverer';
import type { ConformanceTest } from './harness.js';

export interface DelivererSuite {
  readonly test: ConformanceTest;
  readonly harness: DelivererHarness;
}

/** What the suite needs of the deliverer under test and of what stands for its devices. */
export interface DelivererHarness {
  readonly supports: DelivererSupports;
  /** A new deliverer that reaches the harness's devices. The suite starts and closes it. */
  createDeliverer(settings: DelivererUnderTest): Deliverer;
  /** A device with an id that no other has, which accepts until told otherwise. The suite closes it. */
  createDevice(): Promise<ConformanceDevice>;
}

/** What the protocol has; the tests of what it has not are left out. */
export interface DelivererSupports {
  /** What proves a delivery to these devices. */
  readonly evidence: 'gateway' | 'device';
  /** How the harness's devices can behave. */
  readonly behaviours: readonly DeviceBehaviour[];
  /** It keeps a connection: `start` fails where nothing answers, and `isReady` follows the connection. */
  readonly connection: boolean;
  /** A command that was given up is not sent any more. */
  readonly withdrawal: boolean;
  /** The device is told that a command may be a repeat. */
  readonly repeatMark: boolean;
  /** It asks a device directory for addresses: while that cannot answer, a device is unreachable. Default `false`. */
  readonly directory?: boolean;
  /** How the connector learns what settings a device has: it `reports` them when it likes, or `answers` settings with them. */
  readonly settings: 'reports' | 'answers';
}

export interface DelivererUnderTest {
  /** The deliverer's own deadline for a delivery, in milliseconds. */
  readonly timeoutMs: number;
  readonly formatCommand?: FormatCommand;
  /** Point it to where nothing listens; only where `supports.connection`. */
  readonly away?: boolean;
  /** Give it a device directory that rejects, or never answers; only where `supports.directory`. */
  readonly directory?: 'fails' | 'hangs';
}

/**
 * - `accept`: takes commands and acknowledges them
 * - `reject`: refuses them for good
 * - `fail once`: answers the next one that it cannot take it now, and accepts from then on
 * - `silent`: takes commands and answers nothing
 * - `gone`: is not there, nor is anything that answers for it
 */
export type DeviceBehaviour = 'accept' | 'reject' | 'fail once' | 'silent' | 'gone';

export interface ConformanceDevice {
  readonly deviceId: string;
  /** What it took, accepting or silent, in order; not what it refused or failed. Read once. */
  readonly received: AsyncIterable<ReceivedCommand>;
  /** Resolves once it behaves so. */
  behave(behaviour: DeviceBehaviour): Promise<void>;
  /** Reports these bytes as what settings it has; where it `answers`, says them in each answer from now on, as JSON. */
  tellSettings(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface ReceivedCommand {
  readonly bytes: Buffer;
  /** The deliverer said that this may be a repeat; only where `supports.repeatMark`. */
  readonly mayBeRepeat?: boolean;
}
