import type { BlockedPartition, SignatureCounts } from '@preservarium/backend';

/** A running connector. */
export interface Connector extends AsyncDisposable {
  /** Returns true if it has joined its group, Kafka and the device side are connected, none of its partitions is blocked, its store has room, and it has not failed. */
  isReady(): boolean;
  status(): ConnectorStatus;
  /** How far it is behind on each of its partitions. Asks Kafka, and rejects as `offsets` of the backend does. */
  lag(): Promise<readonly PartitionLag[]>;
  /** Resolves after `close`; rejects with a coded error when the connector cannot go on. */
  readonly closed: Promise<void>;
  /**
   * Stops consuming, finishes the deliveries in flight or gives them up at the deadline, commits, and closes the device side and
   * the backend. The next owner of the partitions delivers unprocessed commands.
   *
   * @param options.timeoutMs default 30,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface ConnectorStatus {
  /** `connected` if Kafka has answered recently. */
  readonly kafka: 'connected' | 'not connected';
  readonly partitions: readonly number[];
  /** Commands taken from the command topic and not yet settled. */
  readonly inFlight: number;
  /** Commands that wait for their devices. */
  readonly waiting: number;
  /**
   * Records of the command topic and of the waiting topic that Kafka had removed, for example by the topic's retention, before this connector read them; since
   * the start. The log has an error for each partition.
   */
  readonly lostRecords: number;
  /** Records of its own that Kafka refused for their size since the start: written smaller, or dropped, as the log says. */
  readonly refusedRecords: number;
  /** The store of waiting commands has reached its limit, or its disk has: new commands stay in their topic until there is room. */
  readonly isStoreFull: boolean;
  /** Partitions that take no commands now, and whose oldest one has passed half of the retention of its topic, which will remove it. The log has an error for each. */
  readonly endangeredPartitions: readonly number[];
  /** Partitions that cannot be read on, because the Kafka client lacks the codec of their next records. The log has an error for each. */
  readonly blockedPartitions: readonly BlockedPartition[];
  /** Requests of devices whose partition is that of another connector. */
  readonly turnedAway: number;
  /** Records by what their signatures said, since the start; all 0 without `signatures`. */
  readonly signatures: SignatureCounts;
  /** Records of desired settings by what their signatures said; undefined where the store of settings does not say. */
  readonly settingsSignatures?: SignatureCounts | undefined;
}

export interface PartitionLag {
  readonly partition: number;
  /** Records of the command topic that are not committed: none where all commands have ended or wait. */
  readonly records: number;
}
