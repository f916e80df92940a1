import { type ConsumedRecord, headerText } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';

const maxNameCharacters = 64;
/** More writers of one device are not told apart: anybody may write names into records. */
const maxRivals = 16;

/** The header with the name of the process that wrote a record. */
export const writerHeader = 'writer';

/** A rival writes at once when its turn has come; where it is busy, a little later. */
const minWaitMs = 100;
/** A rival that has died is not waited for any longer than this. */
const maxWaitMs = 1_000;
/** Attempts of this process that one rival may take. */
const attemptsOfRival = 2;
/** Devices with rivals that are remembered. One that is forgotten costs a void record. */
const maxDevices = 1_000;

/**
 * Writers in other processes that change a device at the same time as this one. Of writers that learn of a new version at the same time, the one nearest
 * to the brokers would win each time, so each gives way to all that it knows. Then all have their turns, and few records are void.
 */
export interface Rivals {
  /** The name of this writer, which its records have. */
  readonly self: string;
  /** This process writes a change of the device. */
  notice(deviceId: string): void;
  /** @param writer who wrote the record */
  onVoid(deviceId: string, writer: string): void;
  onAccepted(deviceId: string, writer: string): void;
  /**
   * To be called when the change of this process was accepted. Resolves when each rival has had one accepted since; where one writes no more, after two
   * attempts for each, between 100 ms and 1 s; at once if there are none.
   *
   * @param attemptMs how long an attempt to write takes, in milliseconds
   */
  giveWay(deviceId: string, attemptMs: number): Promise<void>;
}

/** All sets are of writers. */
interface Contest {
  /** Those that wrote before the last accepted change of this process. */
  rivals: ReadonlySet<string>;
  /** Those that have written since. */
  seen: Set<string>;
  /** Those whose change was accepted since. */
  accepted: Set<string>;
  onAccepted?: (() => void) | undefined;
}

export function createRivals(self: string): Rivals {
  const contests = new Map<string, Contest>();

  function forgetOldest(): void {
    const [oldest] = contests.keys();
    if (contests.size > maxDevices && oldest !== undefined) contests.delete(oldest);
  }

  async function untilAllWrote(contest: Contest, attemptMs: number): Promise<void> {
    const passed = Promise.withResolvers<void>();
    contest.onAccepted = () => {
      if ([...contest.rivals].every((writer) => contest.accepted.has(writer))) passed.resolve();
    };
    contest.onAccepted();
    const waitMs = attemptMs * attemptsOfRival * contest.rivals.size;
    await settledWithin(passed.promise, Math.max(minWaitMs, Math.min(maxWaitMs, waitMs)));
    contest.onAccepted = undefined;
  }

  return {
    self,
    notice(deviceId) {
      const contest = contests.get(deviceId) ?? newContest(new Set());
      contests.delete(deviceId);
      contests.set(deviceId, contest);
      forgetOldest();
    },
    onVoid(deviceId, writer) {
      const contest = contests.get(deviceId);
      if (writer !== self && contest !== undefined) addTo(contest.seen, writer);
    },
    onAccepted(deviceId, writer) {
      const contest = contests.get(deviceId);
      if (contest === undefined) return;
      if (writer === self) {
        Object.assign(contest, newContest(contest.seen));
        return;
      }
      addTo(contest.seen, writer);
      addTo(contest.accepted, writer);
      contest.onAccepted?.();
    },
    async giveWay(deviceId, attemptMs) {
      const contest = contests.get(deviceId);
      if (contest === undefined) return;
      if (contest.rivals.size > 0) await untilAllWrote(contest, attemptMs);
      if (contest.seen.size === 0 && contests.get(deviceId) === contest) contests.delete(deviceId);
    },
  };
}

/** Returns the name of the process that wrote the record; undefined if it has none that is one. */
export function writerOf({ headers }: Pick<ConsumedRecord, 'headers'>): string | undefined {
  const writer = headerText(headers, writerHeader);
  return writer !== undefined && writer.length <= maxNameCharacters ? writer : undefined;
}

function addTo(writers: Set<string>, writer: string): void {
  if (writers.size < maxRivals) writers.add(writer);
}

function newContest(rivals: ReadonlySet<string>): Contest {
  return { rivals, seen: new Set(), accepted: new Set() };
}
