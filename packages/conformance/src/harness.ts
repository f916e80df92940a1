import type { Backend, ConsumedRecord, KafkaOptions, ProcessedPosition } from '@preservarium/backend';
import type { WrittenRecord } from './written-record.js';

/** `test` of vitest, of `node:test`, or any other that takes a name and a function. */
export type ConformanceTest = (name: string, run: () => Promise<void>, timeoutMs?: number) => void;

/** Access of a suite to the backend under test and to its brokers. */
export interface ConformanceHarness {
  /** A new backend on the harness's brokers, with these options on top. The suite closes it. */
  create(settings?: Partial<KafkaOptions>): Backend;
  /** Creates a topic and gives its name, which no other has. */
  createTopic(topic: {
    readonly partitions: number;
    /** Default: that of the brokers. */
    readonly replicationFactor?: number;
    readonly config?: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** Everything in the topic now, each partition in order, read without the backend under test. */
  readTopic(topic: string): Promise<readonly ConsumedRecord[]>;
  /** Writes records in order without the backend under test. */
  writeTopic(topic: string, records: readonly WrittenRecord[]): Promise<void>;
  /**
   * Writes records as one transaction, whose marker takes the offset after the last record of each partition that it wrote to. An open one has no
   * marker: it hides its records, and all that follow in the partition. Default: committed.
   */
  writeTransaction(
    topic: string,
    records: readonly WrittenRecord[],
    outcome?: 'committed' | 'aborted' | 'open',
  ): Promise<void>;
  /** Deletes the records of a partition below an offset, as the topic's retention does. */
  deleteRecords(topic: string, partition: number, beforeOffset: number): Promise<void>;
  /** Deletes a topic of one partition and creates it again, empty. */
  recreateTopic(topic: string): Promise<void>;
  /** Commits any offset for a group without members. */
  commitOffset(groupId: string, position: ProcessedPosition): Promise<void>;
}

export interface ConformanceSuite {
  readonly test: ConformanceTest;
  readonly harness: ConformanceHarness;
}

/** Brokers that can be made to fail. */
export interface FaultyCluster {
  /** Stops the processes of all brokers, or of the one with this index, where they are; connections stay open and nothing answers. */
  freeze(broker?: number): void;
  thaw(broker?: number): void;
  /** Ends all brokers, or the one with this index, at once, as a crash does. */
  kill(broker?: number): Promise<void>;
  /** Starts them again with their data; resolves when they serve. */
  start(broker?: number): Promise<void>;
}
