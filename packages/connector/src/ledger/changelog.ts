import {
  type ConsumedRecord,
  headerText,
  headerTexts,
  noHeaders,
  type PublishRecord,
  textHeaders,
} from '@preservarium/backend';
import { encodeLifecycleEvent } from '@preservarium/core';
import {
  type CommandSource,
  decodeHeaders,
  encodeHeaders,
  originalHeadersName,
} from '@preservarium/dead-letters';
import type { DeviceReport } from '@preservarium/deliverer';
import type { Attempts } from '../attempts.js';
import type { Claim } from './claims.js';
import { decodeProgress, encodeProgress, type Progress } from './progress.js';

/**
 * The waiting topic is the changelog of the ledgers: the knowledge about a partition of the command topic that every next owner
 * needs. Reading it from the committed offset (the base) to its end gives that.
 *
 * - `claim`: a connector owns the partition from here on, if the claim is valid (see `claims.ts`).
 * - `deferred`: a command that waits, with its original key, bytes and headers. `done`: a deferred command has ended.
 * - `progress`: which commands of the command topic have ended.
 * - `handover`: the owner gave the partition up in an orderly way and left no attempt without an answer.
 * - `cancel`: an application asks for the end of a command.
 * - `answer`: a connector that does not own the partition has read the report of a device; its event is in Kafka.
 *
 * All but `cancel` and `answer` are written by an owner, under its claim and for its consumer group: connectors of several protocols share the topic. `deferred` and
 * `done` are as many as the commands that wait, and have all of their fields in one header, a JSON list: each header is an object and a buffer for the clients.
 */
export type ChangelogEntry =
  | ({
      readonly type: 'claim';
      readonly commandTopic: string;
      /** The protocol of the owner; undefined in claims of versions that did not say it. */
      readonly protocol: string | undefined;
    } & Claim &
      Owner)
  | ({ readonly type: 'deferred'; readonly deferred: DeferredCommand } & Owner)
  | ({ readonly type: 'done'; readonly source: CommandSource } & Owner)
  | ({ readonly type: 'progress'; readonly progress: Progress; readonly leaseId: string | undefined } & Owner)
  | ({ readonly type: 'handover' } & Owner)
  | { readonly type: 'cancel' }
  | { readonly type: 'answer' }
  | { readonly type: 'unknown'; readonly reason: string };

export interface Owner {
  readonly groupId: string;
  readonly claimId: string;
}

/** Where an owner writes. */
export interface ChangelogPlace extends Owner {
  readonly waitingTopic: string;
  readonly partition: number;
}

export interface DeferredCommand {
  /** The record of the command topic, as it was read there. */
  readonly record: ConsumedRecord;
  readonly attempts: Attempts;
  /** Since when it waits, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Its device may have it already. */
  readonly mayBeRepeat: boolean;
}

const noValue = Buffer.alloc(0);
/** The header with the fields of a `deferred` or `done`, group and claim first. */
const listName = 'ledger';

export function claimRecord(
  place: Omit<ChangelogPlace, 'claimId'>,
  { claimId, epoch, replaces }: Claim,
  { commandTopic, protocol }: { readonly commandTopic: string; readonly protocol: string },
): PublishRecord {
  return ownRecord({ ...place, claimId }, 'claim', {
    'ledger-epoch': String(epoch),
    'ledger-replaces': String(replaces),
    'ledger-topic': commandTopic,
    'ledger-protocol': protocol,
  });
}

export function deferredRecord(
  place: ChangelogPlace,
  { record, attempts, sinceMs, mayBeRepeat }: DeferredCommand,
  deviceId: string,
): PublishRecord {
  const { topic, partition, offset, timestampMs, headers } = record;
  const { started, answered, sent } = attempts;
  const list = [topic, partition, offset, timestampMs, started, answered, sinceMs, mayBeRepeat || sent];
  const originals = headers.length === 0 ? {} : { [originalHeadersName]: encodeHeaders(headers) };
  return {
    ...listRecord(place, 'deferred', list, originals),
    key: record.key ?? deviceId,
    value: record.value ?? noValue,
  };
}

export function doneRecord(
  place: ChangelogPlace,
  { topic, partition, offset }: CommandSource,
): PublishRecord {
  return listRecord(place, 'done', [topic, partition, offset]);
}

/** @param leaseId tells the owner, when it reads the record, that it was the owner when it wrote it */
export function progressRecord(
  place: ChangelogPlace,
  progress: Progress,
  leaseId: string | undefined,
): PublishRecord {
  const headers = leaseId === undefined ? undefined : { 'ledger-lease': leaseId };
  return { ...ownRecord(place, 'progress', headers ?? {}), value: encodeProgress(progress) };
}

export function handoverRecord(place: ChangelogPlace): PublishRecord {
  return ownRecord(place, 'handover', {});
}

/** The report without what only its event says. */
export function answerRecord(
  topic: string,
  { requestId, deviceId, state }: DeviceReport,
  timestamp: Date,
): PublishRecord {
  return {
    topic,
    key: deviceId,
    value: encodeLifecycleEvent({ requestId, deviceId, state, timestamp }),
    headers: textHeaders({ 'record-type': 'answer' }),
  };
}

function ownRecord(
  { waitingTopic: topic, partition, groupId, claimId }: ChangelogPlace,
  type: string,
  headers: Readonly<Record<string, string>>,
): PublishRecord {
  return {
    topic,
    partition,
    key: groupId,
    value: noValue,
    headers: textHeaders({
      'record-type': type,
      'ledger-group': groupId,
      'ledger-claim': claimId,
      ...headers,
    }),
  };
}

function listRecord(
  { waitingTopic: topic, partition, groupId, claimId }: ChangelogPlace,
  type: 'deferred' | 'done',
  fields: readonly (string | number | boolean)[],
  headers: Readonly<Record<string, string>> = {},
): PublishRecord {
  const list = JSON.stringify([groupId, claimId, ...fields]);
  return {
    topic,
    partition,
    key: groupId,
    value: noValue,
    headers: textHeaders({ 'record-type': type, [listName]: list, ...headers }),
  };
}

/** Reads a record of the changelog; never throws. */
export function readChangelogRecord(record: ConsumedRecord): ChangelogEntry {
  const type = headerText(record.headers, 'record-type') ?? 'missing';
  if (type === 'cancel' || type === 'answer') return { type };
  if (type === 'deferred') return readDeferred(record) ?? unknown('the deferred command is incomplete');
  if (type === 'done') return readDone(record) ?? unknown('the source is missing');
  return readOwn(type, record);
}

function readOwn(type: string, record: ConsumedRecord): ChangelogEntry {
  const headers = headerTexts(record.headers);
  const { 'ledger-group': groupId, 'ledger-claim': claimId } = headers;
  if (groupId === undefined || claimId === undefined)
    return unknown(`record-type is ${type}, without a claim`);
  const owner = { groupId, claimId };
  switch (type) {
    case 'claim': {
      const epoch = count(headers['ledger-epoch']);
      const replaces = count(headers['ledger-replaces']);
      const commandTopic = headers['ledger-topic'];
      if (epoch === undefined || replaces === undefined || commandTopic === undefined)
        return unknown('the claim is incomplete');
      return { type, ...owner, epoch, replaces, commandTopic, protocol: headers['ledger-protocol'] };
    }
    case 'progress': {
      const progress = decodeProgress(record.value);
      const leaseId = headers['ledger-lease'];
      return progress === undefined
        ? unknown('the progress is unreadable')
        : { type, ...owner, progress, leaseId };
    }
    case 'handover':
      return { type, ...owner };
    default:
      return unknown(`record-type is ${type}`);
  }
}

function readDeferred(record: ConsumedRecord): ChangelogEntry | undefined {
  const list = readList(record);
  const originals = headerText(record.headers, originalHeadersName);
  const headers = originals === undefined ? noHeaders : decodeHeaders(originals);
  if (list === undefined || headers === undefined) return undefined;
  const [timestampMs, started, answered, sinceMs, mayBeRepeat] = list.rest;
  if (
    !isCount(timestampMs) ||
    !isCount(started) ||
    !isCount(answered) ||
    !isCount(sinceMs) ||
    typeof mayBeRepeat !== 'boolean'
  ) {
    return undefined;
  }
  const { key, value } = record;
  const deferred = {
    record: { ...list.source, timestampMs, key, value, headers },
    attempts: { started, answered, sent: mayBeRepeat },
    sinceMs,
    mayBeRepeat,
  };
  return { type: 'deferred', ...list.owner, deferred };
}

function readDone(record: ConsumedRecord): ChangelogEntry | undefined {
  const list = readList(record);
  return list && { type: 'done', ...list.owner, source: list.source };
}

function readList(record: ConsumedRecord) {
  const [groupId, claimId, topic, partition, offset, ...rest] = listOf(headerText(record.headers, listName));
  if (typeof groupId !== 'string' || typeof claimId !== 'string' || typeof topic !== 'string')
    return undefined;
  if (!isCount(partition) || !isCount(offset)) return undefined;
  return { owner: { groupId, claimId }, source: { topic, partition, offset }, rest };
}

function listOf(text: string | undefined): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function unknown(reason: string): ChangelogEntry {
  return { type: 'unknown', reason };
}

function count(text: string | undefined): number | undefined {
  const number = text === undefined || !/^\d{1,16}$/.test(text) ? Number.NaN : Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}
