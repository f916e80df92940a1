import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { encodeHeaders } from '@preservarium/dead-letters';
import { boundsOfChannels, deviceIdOfChannel } from '../channel.js';
import { commandOf, keptKey } from './command-row.js';
import { createGuardedStatements, type GuardedStatementsOptions } from './guarded-statements.js';
import { createRequestHash } from './request-hash.js';
import { createStoredChannels } from './stored-channels.js';
import { createStoredSupersession } from './stored-supersession.js';
import type { StatementOfCommands } from './waiting-statements.js';
import type { NextCommand, WaitingCommand, WaitingCommands } from './waiting-store.js';
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

export interface SqliteWaitingCommandsOptions extends Omit<GuardedStatementsOptions, 'isEmpty'> {
  /** Undefined where the database has nothing of the partition. */
  readonly kept: KeptPartition | undefined;
}

export function createSqliteWaitingCommands(options: SqliteWaitingCommandsOptions): SqliteWaitingCommands {
  const { partition, kept, database, guard, beginWrite } = options;
  const statements = createGuardedStatements({ ...options, isEmpty: () => rows === 0 });
  const { get, all, lists, run, change, write } = statements;
  const channels = createStoredChannels(statements);
  let hasTables = kept !== undefined;
  let isChanged = false;
  /** All rows, and those of them that have ended. */
  let rows = kept?.commands ?? 0;
  let ended = Number(get('countEnded')?.count ?? 0);
  let keptCheckpoint = kept?.checkpoint;
  let nextCheckpoint: (() => string) | undefined;
  const hash = createRequestHash(database);

  function commands(name: StatementOfCommands, ...values: SQLInputValue[]): WaitingCommand[] {
    return lists(name, ...values).map((row) => commandOf(partition, String(row.at(-1)), row));
  }

  function commandsOf(
    name: 'nextOfRank' | 'nextRanks',
    channel: string,
    ...values: SQLInputValue[]
  ): NextCommand[] {
    const found = lists(name, channel, ...values);
    const areOthers = found.length > 0 && channels.channelsOf(deviceIdOfChannel(channel)).length > 1;
    return found.map((row) =>
      Object.assign(commandOf(partition, channel, row), { mayHaveEarlier: areOthers || row.at(-1) === 1 }),
    );
  }

  function createTables(): void {
    if (!hasTables) database().exec(tablesOf(partition));
    hasTables = true;
  }

  function countRows(by: 1 | -1): void {
    rows += by;
    isChanged = true;
  }

  /** With no command there is nothing to go on from: the changelog is read from its base, which is near its end then. */
  function checkpoint(): string | undefined {
    if (nextCheckpoint !== undefined) keptCheckpoint = nextCheckpoint();
    nextCheckpoint = undefined;
    return rows === 0 ? undefined : keptCheckpoint;
  }

  /** In the channel with the name of the device, or in others of the device. */
  function offsetOf({ deviceId, requestId }: Parameters<WaitingCommands['offsetOf']>[0]): number | undefined {
    if (rows === 0 || guard.isOver) return undefined;
    const found = get('offsetOf', deviceId, ...boundsOfChannels(deviceId), requestId, hash(requestId)) as
      | { own: number | null; named: number | null }
      | undefined;
    const { own = null, named = null } = found ?? {};
    if (own === null || named === null) return own ?? named ?? undefined;
    return Math.min(own, named);
  }

  function first(channel: string) {
    return get('first', channel) as ReturnType<WaitingCommands['first']>;
  }

  return {
    ...channels,
    supersede: createStoredSupersession(statements),
    add: (command) =>
      write((statement) => {
        createTables();
        // Most commands are new, and of devices that have others: the first statement is the only one.
        const requestHash = hash(command.requestId);
        if (!insert(statement('add'), command, requestHash)) {
          if (rewrite(statement('rewrite'), command)) return false;
          statement('addDevice').run(command.channel, command.sinceMs);
          insert(statement('add'), command, requestHash);
        }
        countRows(1);
        return true;
      }, false),
    remove(offset) {
      const row = change('remove', offset);
      if (row === undefined) return;
      run('removeIdleDevice', row.device as number);
      ended -= row.ended as number;
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
    get: (offset) => commands('get', offset)[0],
    find(target) {
      const offset = offsetOf(target);
      return offset === undefined ? undefined : commands('get', offset)[0];
    },
    offsetOf,
    first,
    next(channel, after, limit) {
      if (after === undefined) return commandsOf('nextRanks', channel, Number.MIN_SAFE_INTEGER, limit);
      const rank = -after.priority;
      const found = commandsOf('nextOfRank', channel, rank, after.offset, limit);
      return found.length === limit
        ? found
        : [...found, ...commandsOf('nextRanks', channel, rank, limit - found.length)];
    },
    keepAttempts(offset, { started, answered, sent }) {
      run('keepAttempts', started, answered, Number(sent), offset);
    },
    attempted: (aboveOffset, limit) => commands('attempted', aboveOffset, limit),
    writtenBetween: (above, below, limit) => commands('writtenBetween', above, below, limit),
    overdue: (nowMs, limit) => commands('overdue', nowMs, limit),
    nextDeadlineMs: () => get('nextDeadline')?.at as number | undefined,
  };
}

type NewCommand = Parameters<WaitingCommands['add']>[0];

/** Returns false for a known command, and for one of an unknown device. */
function insert(statement: StatementSync, command: NewCommand, requestHash: number): boolean {
  const { record, attempts } = command;
  const { changes } = statement.run(
    record.offset,
    command.changelogOffset,
    command.requestId,
    requestHash,
    command.supersedeKey ?? null,
    -command.priority,
    command.deadlineMs,
    command.issuedAtMs,
    Number(command.isRedriven),
    record.topic,
    record.timestampMs,
    command.sinceMs,
    attempts.started,
    attempts.answered,
    attempts.started,
    repeatOf(command),
    keptKey(record.key, command.deviceId),
    record.value,
    encodeHeaders(record.headers),
    command.channel,
  );
  return changes !== 0;
}

/** Returns false for an unknown command. */
function rewrite(statement: StatementSync, command: NewCommand): boolean {
  const { started, answered } = command.attempts;
  const repeat = repeatOf(command);
  const { offset } = command.record;
  return statement.run(command.changelogOffset, started, answered, started, repeat, offset).changes !== 0;
}

function repeatOf({ mayBeRepeat, attempts }: Pick<NewCommand, 'mayBeRepeat' | 'attempts'>): number {
  return Number(mayBeRepeat || attempts.sent);
}
