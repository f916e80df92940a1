import type { Deliverer, FormatCommand } from '@preservarium/deliverer';
import type { ConformanceTest } from './harness.js';

export interface DelivererSuite {
  readonly test: ConformanceTest;
  readonly harness: DelivererHarness;
}

/** Access of the suite to the deliverer under test and to its devices. */
export interface DelivererHarness {
  readonly supports: DelivererSupports;
  /** A new deliverer that reaches the harness's devices. The suite starts and closes it. */
  createDeliverer(settings: DelivererUnderTest): Deliverer;
  /** A device with an id that no other has, which accepts until told otherwise. The suite closes it. */
  createDevice(): Promise<ConformanceDevice>;
}

/** The features of the protocol; tests of other features are omitted. */
export interface DelivererSupports {
  /** The evidence of a delivery to these devices. */
  readonly evidence: 'gateway' | 'device';
  /** How the harness's devices can behave. */
  readonly behaviours: readonly DeviceBehaviour[];
  /** It keeps a connection: `start` fails where nothing answers, and `isReady` follows the connection. */
  readonly connection: boolean;
  /** A command that was given up is not sent any more. */
  readonly withdrawal: boolean;
  /** A repeat is marked for the device. */
  readonly repeatMark: boolean;
  /** The place of a command in Kafka reaches the device beside its payload. */
  readonly sequence: boolean;
  /** It asks a device directory for addresses: while that cannot answer, a device is unreachable. Default `false`. */
  readonly directory?: boolean;
  /** Devices say whether they are there, beside their answers. Default `false`. */
  readonly presence?: boolean;
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
  /** The commands that it took, accepting or silent, in order, without rejected and failed ones. Read once. */
  readonly received: AsyncIterable<ReceivedCommand>;
  /** Resolves once it behaves so. */
  behave(behaviour: DeviceBehaviour): Promise<void>;
  /** Reports these bytes as what settings it has; where it `answers`, says them in each answer from now on, as JSON. */
  tellSettings(bytes: Buffer): Promise<void>;
  /** Says that it is there or away; only where `supports.presence`. */
  tellPresence?(said: 'present' | 'away'): Promise<void>;
  close(): Promise<void>;
}

export interface ReceivedCommand {
  readonly bytes: Buffer;
  /** The deliverer said that this may be a repeat; only where `supports.repeatMark`. */
  readonly mayBeRepeat?: boolean;
  /** Only where `supports.sequence`. */
  readonly sequence?: string | undefined;
}
