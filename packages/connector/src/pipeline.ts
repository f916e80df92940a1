import { type ConsumedRecord, headerText } from '@preservarium/backend';
import { inSlices, startSlice } from '@preservarium/concurrency';
import type { CommandMessage } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import type { ChannelOf } from './channel.js';
import type { DecodeRecord } from './intake/decode-record.js';
import type { InFlightSemaphore } from './intake/in-flight-semaphore.js';
import type { RetentionAlarm } from './intake/retention-alarm.js';
import type { SignatureCheck } from './intake/signature-check.js';
import type { PartitionLedger } from './ledger/partition-ledger.js';
import type { RecordProblem } from './outcome/conclusion.js';
import type { Outcomes } from './outcome/outcomes.js';
import { pause } from './pause.js';
import type { CommandLedger, PendingCommand } from './pending-command.js';
import type { DeviceScheduler } from './scheduling/device-scheduler.js';

/** How often a partition that is held up looks whether it may go on. */
const holdUpMs = 100;
/** Messages of devices to the Python connectors on the same topic; none of them goes to a device. */
const feedback = 'feedback';

export interface PipelineOptions {
  readonly deliverer: Pick<Deliverer, 'protocol' | 'isReady'>;
  readonly channelOf: ChannelOf;
  readonly decode: DecodeRecord;
  readonly waitingTopic: string;
  /** Returns true if no more commands should be taken. @param waiting commands that wait */
  isFull(waiting: number): boolean;
  readonly inFlight: InFlightSemaphore;
  readonly alarm: Pick<RetentionAlarm, 'paused' | 'resumed'>;
  /** As many commands may be on their way through the changelog, too: Kafka may take them faster than they are read back. */
  readonly maxInFlight: number;
  readonly signatures: Pick<SignatureCheck, 'atIntake'>;
  /** Returns the partition of a device; undefined while it is unknown. */
  partitionOf(deviceId: string): number | undefined;
  readonly scheduler: DeviceScheduler;
  readonly outcomes: Outcomes;
}

/**
 * The way of a command through the connector: consume → take → decode → route → verify → schedule → attempt → deliver → decide → conclude → append → processed.
 * The first five are here. `scheduling/device-scheduler.ts` queues the command, `scheduling/delivery-loop.ts` makes the attempts,
 * `scheduling/attempt-results.ts` says what follows from their results, `outcome/outcomes.ts` writes the conclusion, and `outcome/processed-records.ts` then marks the record as processed.
 */
export interface Pipeline {
  /** Takes records of one partition: of the command topic, or of the changelog. */
  consume(ledger: PartitionLedger, records: readonly ConsumedRecord[]): Promise<void>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { deliverer, channelOf, waitingTopic, isFull, inFlight, maxInFlight, alarm, scheduler, outcomes } =
    options;
  const { signatures, partitionOf, decode } = options;

  async function consume(ledger: PartitionLedger, records: readonly ConsumedRecord[]): Promise<void> {
    if (records[0]?.topic === waitingTopic) {
      await inSlices(records, ledger.read);
      return;
    }
    if (!ledger.isOwned()) await pausedAt(records[0], ledger.unlessEnding(ledger.owned));
    if (isHeldUp(ledger)) await pausedAt(records[0], untilTaking(ledger));
    const slice = startSlice();
    for (const record of records) {
      if (slice.isOver()) {
        await slice.next();
        if (isHeldUp(ledger)) await pausedAt(record, untilTaking(ledger));
      }
      if (ledger.isEnding) return;
      if (!inFlight.tryAcquire(record)) {
        await pausedAt(record, acquire(ledger, record));
        if (ledger.isEnding) return;
      }
      takeCommand(ledger, record);
    }
  }

  async function acquire(ledger: PartitionLedger, record: ConsumedRecord): Promise<void> {
    do {
      await ledger.unlessEnding(inFlight.untilCapacity());
      await untilTaking(ledger);
    } while (!ledger.isEnding && !inFlight.tryAcquire(record));
  }

  /** Between two waits `maxInFlight` commands may be taken, and wait later on. */
  async function untilTaking(ledger: PartitionLedger): Promise<void> {
    while (!ledger.isEnding && isHeldUp(ledger)) await ledger.unlessEnding(pause(holdUpMs));
  }

  async function pausedAt(record: ConsumedRecord | undefined, going: Promise<void>): Promise<void> {
    if (record === undefined) return;
    alarm.paused(record);
    await going;
    alarm.resumed(record.partition);
  }

  /** Nothing that was accepted is dropped because of a limit: commands stay in their topic until they can be taken. */
  function isHeldUp({ appender }: CommandLedger): boolean {
    const isReadBack = scheduler.comingBack() < maxInFlight;
    const isWritable = appender.untilWritable() === undefined;
    return !isWritable || !isReadBack || isFull(scheduler.waiting()) || !deliverer.isReady();
  }

  function takeCommand(ledger: PartitionLedger, given: ConsumedRecord): void {
    if (!ledger.take(given)) {
      inFlight.release({ record: given, hasLeft: false });
      return;
    }
    const record = ledger.placed(given);
    const decoded = decode(record);
    if (decoded.kind === 'poison') {
      refuse(ledger, record, decoded.problem);
      return;
    }
    const pending: PendingCommand = {
      command: decoded.command,
      record,
      ledger,
      channel: channelOf(decoded.command),
      attempts: { started: 0, answered: 0, sent: false },
      knownAttempts: 0,
      waitingSinceMs: undefined,
      mayBeRepeat: ledger.mayBeRepeat(given),
      isRedriven: headerText(record.headers, 'redriven') !== undefined,
      hasLeft: false,
    };
    if (isForThisConnector(decoded.command)) verify(pending);
    else outcomes.passOver(pending);
  }

  function verify(pending: PendingCommand): void {
    const { record, command, ledger } = pending;
    const refusal = signatures.atIntake(record, command, partitionOf(command.deviceId));
    // The disk of the store may be full: the partition is read again.
    if (ledger.isGone) inFlight.release(pending);
    else if (refusal === undefined) scheduler.schedule(pending);
    else refuse(ledger, record, refusal);
  }

  function refuse(ledger: CommandLedger, record: ConsumedRecord, problem: RecordProblem): void {
    outcomes.deadLetter(record, ledger, problem);
    inFlight.release({ record, hasLeft: false });
  }

  function isForThisConnector({ protocol, commandType }: CommandMessage): boolean {
    return protocol === deliverer.protocol && commandType !== feedback;
  }

  return { consume };
}
