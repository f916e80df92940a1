import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { encodeHeaders } from '@preservarium/dead-letters';
import { boundsOfChannels } from '../channel.js';
import { type CommandRow, commandOf } from './command-row.js';
import type { DiskGuard } from './disk-guard.js';
import {
  createWaitingStatements,
  type WaitingStatement,
  type WaitingStatements,
} from './waiting-statements.js';
import type { WaitingCommand, WaitingCommands } from './waiting-store.js';
import { dropTablesOf, tablesOf } from './waiting-tables.js';

export interface SqliteWaitingCommands extends WaitingCommands {
  /** Writes the number of commands and the checkpoint into the transaction that ends. */
  writeCheckpoint(): void;
}

/** The content of the database for a partition. */
export interface KeptPartition {
  readonly commands: number;
  readonly checkpoint: string | undefined;
}

export interface SqliteWaitingCommandsOptions {
  readonly partition: number;
  /** Undefined where the database has nothing of the partition. */
  readonly kept: KeptPartition | undefined;
  /** Returns the database, which is opened by the first call. */
  database(): DatabaseSync;
  readonly guard: DiskGuard;
  /** Called before each write. */
  beginWrite(): void;
}

/** While no command of the partition waits, nothing is read from the database and nothing written to it. */
export function createSqliteWaitingCommands(options: SqliteWaitingCommandsOptions): SqliteWaitingCommands {
  const { partition, kept, database, guard, beginWrite } = options;
  let statements: WaitingStatements | undefined;
  let hasTables = kept !== undefined;
  let isChanged = false;
  /** All rows, and those of them that have ended. */
  let rows = kept?.commands ?? 0;
  let ended = Number(get('countEnded')?.count ?? 0);
  let keptCheckpoint = kept?.checkpoint;
  let nextCheckpoint: (() => string) | undefined;

  // ---- statements: a partition without commands has no rows to find or to change

  function statement(name: WaitingStatement) {
    statements ??= createWaitingStatements(database(), partition);
    return statements(name);
  }

  function get(name: WaitingStatement, ...values: SQLInputValue[]): Row | undefined {
    if (rows === 0 || guard.isOver) return undefined;
    try {
      return statement(name).get(...values);
    } catch (error) {
      guard.failed(error);
      return undefined;
    }
  }

  function all(name: WaitingStatement, ...values: SQLInputValue[]): Row[] {
    if (rows === 0 || guard.isOver) return [];
    try {
      return statement(name).all(...values);
    } catch (error) {
      guard.failed(error);
      return [];
    }
  }

  /** Returns how many rows have changed. */
  function run(name: WaitingStatement, ...values: SQLInputValue[]): number {
    return rows === 0 ? 0 : write(() => Number(statement(name).run(...values).changes), 0);
  }

  /** @param otherwise returned where the disk is full */
  function write<Result>(work: () => Result, otherwise: Result): Result {
    if (guard.isOver) return otherwise;
    try {
      beginWrite();
      return work();
    } catch (error) {
      guard.failed(error);
      return otherwise;
    }
  }

  function commands(name: WaitingStatement, ...values: SQLInputValue[]): WaitingCommand[] {
    return all(name, ...values).map((row) => commandOf(partition, row as unknown as CommandRow));
  }

  function termsOf(name: WaitingStatement, ...values: SQLInputValue[]): Terms | undefined {
    return get(name, ...values) as Terms | undefined;
  }

  // ---- tables

  function createTables(): void {
    if (!hasTables) database().exec(tablesOf(partition));
    hasTables = true;
  }

  function countRows(change: 1 | -1): void {
    rows += change;
    isChanged = true;
  }

  /** With no command there is nothing to go on from: the changelog is read from its base, which is near its end then. */
  function checkpoint(): string | undefined {
    if (nextCheckpoint !== undefined) keptCheckpoint = nextCheckpoint();
    nextCheckpoint = undefined;
    return rows === 0 ? undefined : keptCheckpoint;
  }

  function deviceOf(channel: string): number | undefined {
    return get('device', channel)?.id as number | undefined;
  }

  /** The rows of all channels of a device. Two lookups, because one of either-or costs twice as much, and this is asked for each command. */
  function devicesOf(deviceId: string): number[] {
    const named = all('devices', ...boundsOfChannels(deviceId)).map(({ id }) => id as number);
    const unnamed = deviceOf(deviceId);
    return unnamed === undefined ? named : [unnamed, ...named];
  }

  function first(channel: string) {
    return get('first', channel) as ReturnType<WaitingCommands['first']>;
  }

  function insert({ record, attempts, ...command }: NewCommand): true {
    createTables();
    const { started, answered } = attempts;
    const device =
      deviceOf(command.channel) ??
      statement('addDevice').run(command.channel, command.sinceMs).lastInsertRowid;
    statement('add').run(
      record.offset,
      command.changelogOffset,
      device,
      command.requestId,
      command.supersedeKey ?? null,
      -command.priority,
      command.deadlineMs,
      command.issuedAtMs,
      Number(command.isRedriven),
      record.topic,
      record.timestampMs,
      command.sinceMs,
      started,
      answered,
      started,
      repeatOf({ ...command, attempts }),
      record.key,
      record.value,
      encodeHeaders(record.headers),
    );
    countRows(1);
    return true;
  }

  return {
    add(command) {
      const { record, attempts, changelogOffset } = command;
      const { started, answered } = attempts;
      const repeat = repeatOf(command);
      if (run('rewrite', changelogOffset, started, answered, started, repeat, record.offset) !== 0)
        return false;
      return write(() => insert(command), false);
    },
    supersede(offset) {
      const own = termsOf('terms', offset);
      if (own === undefined || own.supersede_key === null) return undefined;
      const { device, supersede_key: key } = own;
      const older = termsOf('olderOfKey', device, key, offset);
      const newer = termsOf('newerOfKey', device, key, offset);
      let superseded: number | undefined;
      const replace = (replaced: Terms, by: Terms) => {
        if (run('supersede', by.request_id, replaced.offset) !== 0) superseded ??= replaced.offset;
      };
      if (newer !== undefined) {
        if (isOutdated(newer, own)) replace(newer, own);
        else replace(own, newer);
      }
      if (older !== undefined) {
        if (isOutdated(own, older)) replace(own, older);
        else replace(older, own);
      }
      return superseded;
    },
    remove(offset) {
      const row = termsOf('terms', offset);
      if (row === undefined) return;
      run('remove', offset);
      run('removeIdleDevice', row.device, row.device);
      ended -= row.ended;
      countRows(-1);
    },
    clear() {
      nextCheckpoint = undefined;
      keptCheckpoint = undefined;
      if (rows === 0) return;
      write(() => database().exec(dropTablesOf(partition)), undefined);
      hasTables = false;
      isChanged = true;
      rows = 0;
      ended = 0;
    },
    firstPin: () => (get('firstPin')?.pin ?? undefined) as number | undefined,
    sourcesFrom: (offset) =>
      all('sourcesFrom', offset) as unknown as { offset: number; timestampMs: number }[],
    writtenAtMs: (offset) => get('writtenAt', offset)?.at as number | undefined,
    checkpoint,
    keep(given) {
      if (rows === 0 || guard.isOver) return;
      beginWrite();
      isChanged = true;
      nextCheckpoint = given;
    },
    writeCheckpoint() {
      if (!isChanged) return;
      isChanged = false;
      database()
        .prepare('insert or replace into partition (id, commands, checkpoint) values (?, ?, ?)')
        .run(partition, rows, checkpoint() ?? null);
    },
    resume() {
      run('resumeEnded');
      run('resumeServed');
      ended = 0;
    },
    end(offset) {
      ended += run('end', offset);
    },
    count: () => rows - ended,
    // Asked for each channel that gets a command.
    has: (channel) => rows > ended && first(channel) !== undefined,
    channelsOf: (deviceId) =>
      all('channels', deviceId, ...boundsOfChannels(deviceId)).map(({ channel }) => String(channel)),
    get: (offset) => commands('get', offset)[0],
    find: ({ deviceId, requestId }) =>
      commands('find', deviceId, ...boundsOfChannels(deviceId), requestId)[0],
    offsetOf({ deviceId, requestId }) {
      let first: number | undefined;
      for (const device of devicesOf(deviceId)) {
        const offset = get('offsetOf', device, requestId)?.offset as number | undefined;
        if (offset !== undefined && (first === undefined || offset < first)) first = offset;
      }
      return first;
    },
    first,
    next(channel, after, limit) {
      if (after === undefined) return commands('nextRanks', channel, Number.MIN_SAFE_INTEGER, limit);
      const rank = -after.priority;
      const found = commands('nextOfRank', channel, rank, after.offset, limit);
      return found.length === limit
        ? found
        : [...found, ...commands('nextRanks', channel, rank, limit - found.length)];
    },
    keepAttempts(offset, { started, answered, sent }) {
      run('keepAttempts', started, answered, Number(sent), offset);
    },
    attempted: (aboveOffset, limit) => commands('attempted', aboveOffset, limit),
    writtenBetween: (above, below, limit) => commands('writtenBetween', above, below, limit),
    overdue: (nowMs, limit) => commands('overdue', nowMs, limit),
    nextDeadlineMs: () => get('nextDeadline')?.at as number | undefined,
    setDue(channel, atMs) {
      const device = deviceOf(channel);
      if (device === undefined) return false;
      run('setDue', atMs, device);
      return first(channel) !== undefined;
    },
    setDueNow(channel) {
      const device = deviceOf(channel);
      if (device === undefined) return false;
      run('setDueNow', device);
      return first(channel) !== undefined;
    },
    callUndue() {
      run('callUndue');
    },
    ensureDue(channel) {
      run('ensureDue', channel);
    },
    takeDue(nowMs, limit) {
      const due = all('due', nowMs, limit) as unknown as { id: number; channel: string }[];
      for (const { id } of due) run('setDue', null, id);
      return due.map(({ channel }) => channel);
    },
    nextDueMs: () => (get('nextDue')?.at ?? undefined) as number | undefined,
  };
}

type NewCommand = Parameters<WaitingCommands['add']>[0];

function repeatOf({ mayBeRepeat, attempts }: Pick<NewCommand, 'mayBeRepeat' | 'attempts'>): number {
  return Number(mayBeRepeat || attempts.sent);
}

type Row = Record<string, SQLOutputValue>;

interface Terms {
  readonly offset: number;
  readonly device: number;
  readonly request_id: string;
  readonly supersede_key: string | null;
  readonly issued_at_ms: number;
  readonly is_redriven: number;
  readonly ended: number;
}

/** Of two with one supersede key, the later one replaces the other, unless it was only sent again after that. */
function isOutdated(later: Terms, earlier: Terms): boolean {
  return later.is_redriven === 1 && later.issued_at_ms < earlier.issued_at_ms;
}
