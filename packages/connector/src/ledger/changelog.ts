import { type ConsumedRecord, headerTexts, type PublishRecord, textHeaders } from '@preservarium/backend';
import { encodeLifecycleEvent } from '@preservarium/core';
import {
  type CommandSource,
  decodeHeaders,
  encodeHeaders,
  originalHeadersName,
  readSource,
  sourceHeaders,
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
 * All but `cancel` and `answer` are written by an owner, under its claim and for its consumer group: connectors of several protocols share the topic.
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
  const headers = {
    ...sourceHeaders(record),
    'source-timestamp': String(record.timestampMs),
    'waiting-attempts': String(attempts.started),
    'waiting-answered': String(attempts.answered),
    'waiting-since': String(sinceMs),
    ...((mayBeRepeat || attempts.sent) && { 'waiting-repeat': 'true' }),
    [originalHeadersName]: encodeHeaders(record.headers),
  };
  return {
    ...ownRecord(place, 'deferred', headers),
    key: record.key ?? deviceId,
    value: record.value ?? noValue,
  };
}

export function doneRecord(place: ChangelogPlace, record: ConsumedRecord): PublishRecord {
  return ownRecord(place, 'done', sourceHeaders(record));
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

/** Reads a record of the changelog; never throws. */
export function readChangelogRecord(record: ConsumedRecord): ChangelogEntry {
  const { value } = record;
  const headers = headerTexts(record.headers);
  const { 'record-type': type = 'missing', 'ledger-group': groupId, 'ledger-claim': claimId } = headers;
  if (type === 'cancel' || type === 'answer') return { type };
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
    case 'deferred': {
      const deferred = readDeferred(record, headers);
      return deferred === undefined
        ? unknown('the deferred command is incomplete')
        : { type, ...owner, deferred };
    }
    case 'done': {
      const source = readSource(headers);
      return source === undefined ? unknown('the source is missing') : { type, ...owner, source };
    }
    case 'progress': {
      const progress = decodeProgress(value);
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

function readDeferred(
  { key, value }: ConsumedRecord,
  headers: Readonly<Record<string, string>>,
): DeferredCommand | undefined {
  const source = readSource(headers);
  const timestampMs = count(headers['source-timestamp']);
  const started = count(headers['waiting-attempts']);
  const answered = count(headers['waiting-answered']);
  const sinceMs = count(headers['waiting-since']);
  const mayBeRepeat = headers['waiting-repeat'] === 'true';
  const originals = decodeHeaders(headers[originalHeadersName] ?? '');
  if (
    source === undefined ||
    timestampMs === undefined ||
    started === undefined ||
    answered === undefined ||
    sinceMs === undefined ||
    originals === undefined
  ) {
    return undefined;
  }
  return {
    record: { ...source, timestampMs, key, value, headers: originals },
    attempts: { started, answered, sent: mayBeRepeat },
    sinceMs,
    mayBeRepeat,
  };
}

function unknown(reason: string): ChangelogEntry {
  return { type: 'unknown', reason };
}

function count(text: string | undefined): number | undefined {
  const number = text === undefined || !/^\d{1,16}$/.test(text) ? Number.NaN : Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}
