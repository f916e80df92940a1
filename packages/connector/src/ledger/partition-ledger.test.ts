import { type ConsumedRecord, noHeaders, type PublishRecord, silentLogger } from '@preservarium/backend';
import { parseCommand } from '@preservarium/core';
import { describe, expect, test } from 'vitest';
import { createDecodeRecord } from '../intake/decode-record.js';
import type { PendingCommand } from '../pending-command.js';
import { openWaitingStore } from './open-waiting-store.js';
import { leaseMs } from './ownership-lease.js';
import { createPartitionLedger, type PartitionLedger } from './partition-ledger.js';

/** One partition of the changelog, and owners that read it as a consumer group does: from the committed offset on. */
function createLog() {
  const records: ConsumedRecord[] = [];
  const readers = new Set<() => void>();
  let base = 0;
  let nowMs = 0;
  let processedBelow = 0;

  function append({ topic, key, value, headers = noHeaders }: PublishRecord): void {
    const offset = records.length;
    const at = { topic, partition: 0, offset, timestampMs: offset };
    records.push({ ...at, key: Buffer.from(key as string), value, headers });
    for (const read of [...readers]) read();
  }

  function createOwner() {
    const { waiting, close } = createStore();
    const late: PublishRecord[] = [];
    let isFrozen = false;
    let next = base;
    let lost = false;
    const ledger: PartitionLedger = createPartitionLedger({
      refusalOfCancellation: () => undefined,
      signatures: undefined,
      channelOf: ({ deviceId }) => deviceId,
      decode: createDecodeRecord('mqtt', undefined),
      partition: 0,
      isFirstStart: true,
      isNewTopic: false,
      changelogStart: { nextOffset: base, readFrom: base, isFirstStart: true },
      protocol: 'mqtt',
      groupId: 'group',
      commandTopic: 'commands',
      waitingTopic: 'waiting',
      logger: silentLogger,
      clock: () => nowMs,
      appender: {
        async append(record) {
          if (isFrozen) late.push(record);
          else append(record);
        },
        flushed: async () => {},
        untilWritable: () => undefined,
        refused: () => 0,
        stop: () => {},
      },
      markProcessed({ topic, nextOffset }) {
        if (topic === 'commands') processedBelow = nextOffset;
        if (topic === 'waiting' && !isFrozen) base = nextOffset;
      },
      waiting,
      maxWaitMs: 1_000,
      onDeferred: () => {},
      onCancelled: () => {},
      onAnswered: () => false,
      isPending: () => false,
      onUnknown: () => {},
      onOffsetsNeeded: () => {},
      onOwned: () => {},
      onLost: () => {
        lost = true;
      },
      onReread: () => {},
      onFatal: (error) => {
        throw error;
      },
    });
    let isReading = false;
    function read(): void {
      if (isFrozen || isReading) return;
      isReading = true;
      while (next < records.length) ledger.read([records[next++] as ConsumedRecord]);
      isReading = false;
    }
    readers.add(read);
    ledger.awaitOffsets()({ endOffset: 0 });
    ledger.claim();
    return {
      ledger,
      waiting: () => waiting.sourcesFrom(0).map(({ offset }) => offset),
      isLost: () => lost,
      take: (offset: number) =>
        ledger.take({
          topic: 'commands',
          partition: 0,
          offset,
          timestampMs: 0,
          key: null,
          value: null,
          headers: [],
        }),
      defer: (offset: number) => append(ledger.deferredRecord(pendingOf(ledger, offset))),
      end: (offset: number) => append(ledger.doneRecord(pendingOf(ledger, offset).record)),
      freeze() {
        isFrozen = true;
        readers.delete(read);
      },
      thaw() {
        isFrozen = false;
        for (const record of late) append(record);
        readers.add(read);
        read();
      },
      deferLate: (offset: number) => late.push(ledger.deferredRecord(pendingOf(ledger, offset))),
      stop() {
        readers.delete(read);
        ledger.leave();
        close();
      },
    };
  }

  return {
    records,
    createOwner,
    base: () => base,
    processedBelow: () => processedBelow,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

function createStore() {
  const store = openWaitingStore({
    stateDir: undefined,
    identity: '',
    maxWaiting: 0,
    maxStoreBytes: 0,
    logger: silentLogger,
    onFailed(error) {
      throw error;
    },
    onDiskFull(error) {
      throw error;
    },
  });
  return { waiting: store.of(0), close: store.close };
}

const command = parseCommand({ deviceId: 'd1', commandType: 'set', protocol: 'mqtt', payload: {} });

function pendingOf(ledger: PartitionLedger, offset: number): PendingCommand {
  const source = { topic: 'commands', partition: 0, offset, timestampMs: 0 };
  return {
    command,
    record: { ...source, key: Buffer.from('d1'), value: Buffer.from('{}'), headers: [] },
    ledger,
    channel: 'd1',
    attempts: { started: 0, answered: 0, sent: false },
    knownAttempts: 0,
    waitingSinceMs: 0,
    mayBeRepeat: false,
    isRedriven: false,
    hasLeft: true,
  };
}

describe('claims', () => {
  test('what a frozen owner writes after another one has claimed the partition counts for nobody', () => {
    const log = createLog();
    const first = log.createOwner();
    first.defer(1);
    first.freeze();
    first.deferLate(3);
    const second = log.createOwner();
    expect(second.waiting()).toEqual([1]);
    first.thaw();
    expect(first.isLost()).toBe(true);
    expect(first.ledger.isGone).toBe(true);
    expect(second.waiting()).toEqual([1]);
    second.stop();
    expect(log.createOwner().waiting()).toEqual([1]);
  });

  test('an owner that lost the partition takes nothing that the next one defers', () => {
    const log = createLog();
    const first = log.createOwner();
    first.freeze();
    const second = log.createOwner();
    second.defer(1);
    first.thaw();
    second.defer(2);
    expect(second.waiting()).toEqual([1, 2]);
    expect(first.waiting()).toEqual([]);
  });

  test('of two that replace the same claim, the first in the log owns the partition until the other claims again', () => {
    const log = createLog();
    const first = log.createOwner();
    const second = log.createOwner();
    expect(first.isLost()).toBe(true);
    expect(second.ledger.isOwned()).toBe(true);
  });
});

describe('a deferred command', () => {
  test('is processed once the owner reads it in the changelog', () => {
    const log = createLog();
    const owner = log.createOwner();
    expect(owner.take(0)).toBe(true);
    expect(log.processedBelow()).toBe(0);
    owner.defer(0);
    expect(log.processedBelow()).toBe(1);
  });

  test('is not processed where its owner deferred it after the claim of another one', () => {
    const log = createLog();
    const first = log.createOwner();
    first.take(0);
    first.freeze();
    first.deferLate(0);
    const second = log.createOwner();
    first.thaw();
    expect(log.processedBelow()).toBe(0);
    expect(second.take(0)).toBe(true);
  });

  test('is not taken again from the command topic by the next owner, who has it from the changelog', () => {
    const log = createLog();
    const first = log.createOwner();
    first.take(0);
    first.defer(0);
    first.stop();
    const second = log.createOwner();
    expect(second.waiting()).toEqual([0]);
    expect(second.take(0)).toBe(false);
    expect(second.take(1)).toBe(true);
  });
});

describe('the lease of an owner', () => {
  test('ends in a freeze, and comes back where no other connector claimed the partition', async () => {
    const log = createLog();
    const { ledger, freeze, thaw } = log.createOwner();
    expect(ledger.isLeased()).toBe(true);
    freeze();
    log.pass(leaseMs);
    expect(ledger.isLeased()).toBe(false);
    const leased = ledger.untilLeased();
    thaw();
    await leased;
    expect(ledger.isLeased()).toBe(true);
  });

  test('does not come back where another one did, whatever the thawed owner wrote', async () => {
    const log = createLog();
    const { ledger, freeze, thaw, isLost } = log.createOwner();
    freeze();
    log.pass(leaseMs);
    log.createOwner();
    const leased = ledger.untilLeased();
    thaw();
    await leased;
    expect(isLost()).toBe(true);
    expect(ledger.isLeased()).toBe(false);
  });

  test('that was asked for before a freeze does not count after it', async () => {
    const log = createLog();
    const { ledger, freeze, thaw } = log.createOwner();
    log.pass(leaseMs);
    freeze();
    const leased = ledger.untilLeased();
    log.pass(leaseMs);
    thaw();
    await leased;
    expect(ledger.isLeased()).toBe(true);
  });
});

test('the base moves on while commands wait for long, and the next owner knows all of them', () => {
  const log = createLog();
  const first = log.createOwner();
  for (let offset = 0; offset < 100; offset++) first.defer(offset);
  for (let offset = 100; offset < 30_000; offset++) {
    first.defer(offset);
    first.end(offset);
  }
  expect(log.base()).toBeGreaterThan(log.records.length - 45_000);
  first.stop();
  const second = log.createOwner();
  expect(second.waiting()).toEqual(Array.from({ length: 100 }, (_, offset) => offset));
}, 60_000);
