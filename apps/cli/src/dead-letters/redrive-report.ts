import { errorLine, printable } from '@preservarium/command-line';
import type { PusherError } from '@preservarium/core';
import {
  type DeadEntry,
  deviceOf,
  formatPlace,
  type SendOutcome,
  type Verdict,
} from '@preservarium/dead-letters';
import { writeJson, writeLines } from '../output.js';
import { pusher } from '../pusher.js';

type Outcome = Verdict['outcome'] | 'sent' | 'failed';

/** Prints the outcome of each dead letter, and counts outcomes. */
export interface RedriveReport {
  judged(entry: DeadEntry, verdict: Verdict): Promise<void>;
  sent(entry: DeadEntry, outcome: SendOutcome): Promise<void>;
  /** Reports that a chosen place has no dead letter. */
  missing(place: string): void;
  /** @param left number of dead letters not sent because of `--max` or the answer to the question */
  summary(left: number): Promise<void>;
  hasFailed(): boolean;
}

export interface RedriveReportOptions {
  /** True: dead letters that were sent before are printed; otherwise they are only counted. */
  readonly isChosenByPlace: boolean;
  readonly isDryRun: boolean;
}

/** Creates a report on stdout, with errors on stderr. */
export function createRedriveReport(
  output: 'text' | 'json',
  { isChosenByPlace, isDryRun }: RedriveReportOptions,
): RedriveReport {
  const counts: Record<Outcome, number> = {
    sendable: 0,
    sent: 0,
    expired: 0,
    superseded: 0,
    poison: 0,
    replayed: 0,
    otherTopic: 0,
    sentBefore: 0,
    failed: 0,
  };
  let hasFailed = false;

  function say(entry: DeadEntry, outcome: Outcome, message: string): Promise<void> {
    const { place, decoded } = entry;
    const deviceId = deviceOf(entry);
    if (output === 'json') {
      const commandType = decoded.ok ? decoded.command.commandType : undefined;
      return writeJson({ ...place, deviceId, commandType, outcome, message });
    }
    const what = decoded.ok ? `${deviceId} ${decoded.command.commandType}` : deviceId;
    return writeLines([`${formatPlace(place)} ${printable(what)}: ${message}`]);
  }

  function complain({ code, message }: PusherError, place: string, problem: string): void {
    hasFailed = true;
    process.stderr.write(errorLine('pusher', code, `${place} ${problem}: ${message}`));
  }

  return {
    async judged(entry, { outcome, message }) {
      counts[outcome]++;
      const remedy = outcome === 'otherTopic' ? ': name its command topic with --command-topic' : '';
      if (outcome !== 'sentBefore' || isChosenByPlace) await say(entry, outcome, `${message}${remedy}`);
    },
    async sent(entry, outcome) {
      const place = formatPlace(entry.place);
      if (outcome.kind === 'failed') {
        counts.failed++;
        complain(outcome.error, place, 'was not sent');
        if (output === 'json') await say(entry, 'failed', outcome.error.message);
        return;
      }
      counts.sent++;
      if (outcome.kind === 'unmarked') {
        complain(
          outcome.error,
          place,
          'was sent, but could not be marked as sent: the next redrive may send it again',
        );
      }
      const { topic, partition } = entry.letter.source;
      await say(entry, 'sent', `sent to ${topic}, partition ${partition}`);
    },
    missing(place) {
      counts.failed++;
      hasFailed = true;
      const message = `${place} is no dead letter; \`${pusher} dead list\` prints the places`;
      process.stderr.write(errorLine('pusher', 'VALIDATION_FAILED', message));
    },
    async summary(left) {
      if (output === 'json') return writeJson({ summary: { ...counts, left } });
      const { sendable, sent, expired, superseded, poison, failed } = counts;
      const parts = [
        isDryRun ? `${sendable} would be sent` : `${sent} sent`,
        `${expired} expired, ${superseded} superseded, ${poison} poison, ${failed} failed`,
        ...(counts.replayed > 0 ? [`${counts.replayed} replayed`] : []),
        ...(counts.otherTopic > 0 ? [`${counts.otherTopic} of other topics`] : []),
        ...(counts.sentBefore > 0 ? [`${counts.sentBefore} sent before`] : []),
        ...(left > 0 ? [`${left} left for the next run`] : []),
      ];
      return writeLines([parts.join(', ')]);
    },
    hasFailed: () => hasFailed,
  };
}
