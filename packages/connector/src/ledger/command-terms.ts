import { headerText } from '@preservarium/backend';
import { sourceId } from '@preservarium/dead-letters';
import type { ChannelOf } from '../channel.js';
import type { DecodeRecord } from '../intake/decode-record.js';
import { deviceIdOf } from '../outcome/event-bounds.js';
import type { DeferredCommand } from './changelog.js';
import { sourceOf } from './topic-generation.js';
import type { CommandTerms } from './waiting-store.js';

export interface TermsOptions {
  readonly maxWaitMs: number;
  readonly channelOf: ChannelOf;
  readonly decode: DecodeRecord;
}

/** Returns what a deferred command says; of one that cannot be read, as much as its record says. */
export function termsOf(
  { record, sinceMs }: DeferredCommand,
  { maxWaitMs, channelOf, decode }: TermsOptions,
): CommandTerms {
  const decoded = decode(record);
  const isRedriven = headerText(record.headers, 'redriven') !== undefined;
  const deadlineMs = sinceMs + maxWaitMs;
  if (decoded.kind === 'poison') {
    return {
      deviceId: deviceIdOf(record),
      channel: deviceIdOf(record),
      requestId: sourceId(sourceOf(record)),
      supersedeKey: undefined,
      priority: 0,
      deadlineMs,
      issuedAtMs: record.timestampMs,
      isRedriven,
    };
  }
  const { deviceId, requestId, supersedeKey, priority = 0, timestamp, expiresAt } = decoded.command;
  return {
    deviceId,
    channel: channelOf(decoded.command),
    requestId,
    supersedeKey,
    priority,
    deadlineMs: Math.min(deadlineMs, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY),
    issuedAtMs: timestamp.getTime(),
    isRedriven,
  };
}
