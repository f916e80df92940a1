import type { DatabaseSync } from 'node:sqlite';
import { encodeHeaders } from '@preservarium/dead-letters';
import { type CommandRow, columns, commandOf } from './command-row.js';
import type { WaitingCommand, WaitingCommands } from './waiting-store.js';

export interface SqliteWaitingCommands extends WaitingCommands {
  /** Writes the checkpoint into the transaction that ends. */
  writeCheckpoint(): void;
}

/** @param beginWrite called before each write */
export function createSqliteWaitingCommands(
  database: DatabaseSync,
  partition: number,
  beginWrite: () => void,
): SqliteWaitingCommands {
  const sql = prepareStatements(database);
  let checkpoint: (() => string) | undefined;
  let count = 0;

  function countCommands(): void {
    const all = sql.countAll.get(partition) as { count: number };
    const ended = sql.countEnded.get(partition) as { count: number };
    count = all.count - ended.count;
  }
  countCommands();

  function commandsOf(rows: readonly unknown[]): WaitingCommand[] {
    return rows.map((row) => commandOf(partition, row as CommandRow));
  }

  function find(rows: readonly unknown[]): WaitingCommand | undefined {
    return commandsOf(rows)[0];
  }

  function deviceOf(deviceId: string): number | undefined {
    return (sql.device.get(partition, deviceId) as { id: number } | undefined)?.id;
  }

  return {
    add({ record, attempts, ...command }) {
      beginWrite();
      const { changelogOffset, deviceId } = command;
      const { started, answered } = attempts;
      const repeat = Number(command.mayBeRepeat);
      const { changes } = sql.rewrite.run(
        changelogOffset,
        started,
        answered,
        started,
        repeat,
        partition,
        record.offset,
      );
      if (changes !== 0) return false;
      const device = deviceOf(deviceId) ?? sql.addDevice.run(partition, deviceId).lastInsertRowid;
      sql.add.run(
        partition,
        record.offset,
        changelogOffset,
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
        repeat,
        record.key,
        record.value,
        encodeHeaders(record.headers),
      );
      count++;
      return true;
    },
    supersede(offset) {
      const own = sql.terms.get(partition, offset) as Terms | undefined;
      if (own === undefined || own.supersede_key === null) return undefined;
      const { device, supersede_key: key } = own;
      const older = sql.olderOfKey.get(device, key, offset) as Terms | undefined;
      const newer = sql.newerOfKey.get(device, key, offset) as Terms | undefined;
      let superseded: number | undefined;
      const replace = (replaced: Terms, by: Terms) => {
        beginWrite();
        if (sql.supersede.run(by.request_id, partition, replaced.offset).changes !== 0) {
          superseded ??= replaced.offset;
        }
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
      const row = sql.terms.get(partition, offset) as Terms | undefined;
      if (row === undefined) return;
      beginWrite();
      sql.remove.run(partition, offset);
      if (row.ended === 0) count--;
      sql.removeIdleDevice.run(row.device, row.device);
    },
    clear() {
      beginWrite();
      checkpoint = undefined;
      for (const statement of sql.clear) statement.run(partition);
      count = 0;
    },
    firstPin: () => (sql.firstPin.get(partition) as { pin: number | null }).pin ?? undefined,
    sourcesFrom: (offset) =>
      sql.sourcesFrom.all(partition, offset) as unknown as { offset: number; timestampMs: number }[],
    checkpoint: () => (sql.checkpoint.get(partition) as { checkpoint: string } | undefined)?.checkpoint,
    keep(given) {
      beginWrite();
      checkpoint = given;
    },
    writeCheckpoint() {
      if (checkpoint === undefined) return;
      sql.keep.run(partition, checkpoint());
      checkpoint = undefined;
    },
    resume() {
      beginWrite();
      for (const statement of sql.resume) statement.run(partition);
      countCommands();
    },
    end(offset) {
      beginWrite();
      if (sql.end.run(partition, offset).changes !== 0) count--;
    },
    count: () => count,
    has(deviceId) {
      const device = count === 0 ? undefined : deviceOf(deviceId);
      return device !== undefined && sql.anyOfDevice.get(device) !== undefined;
    },
    get: (offset) => find(sql.get.all(partition, offset)),
    find({ deviceId, requestId }) {
      const device = count === 0 ? undefined : deviceOf(deviceId);
      return device === undefined ? undefined : find(sql.find.all(device, requestId));
    },
    next(deviceId, after, limit) {
      const device = deviceOf(deviceId);
      if (device === undefined) return [];
      const rank = after === undefined ? Number.MIN_SAFE_INTEGER : -after.priority;
      return commandsOf(sql.next.all(device, rank, after?.offset ?? -1, limit));
    },
    keepAttempts(offset, { started, answered }) {
      beginWrite();
      sql.keepAttempts.run(started, answered, partition, offset);
    },
    attempted: (aboveOffset, limit) => commandsOf(sql.attempted.all(partition, aboveOffset, limit)),
    writtenBetween: (above, below, limit) =>
      commandsOf(sql.writtenBetween.all(partition, above, below, limit)),
    overdue: (nowMs, limit) => commandsOf(sql.overdue.all(partition, nowMs, limit)),
    nextDeadlineMs: () => (sql.nextDeadline.get(partition) as { at: number } | undefined)?.at,
    setDue(deviceId, atMs) {
      const device = deviceOf(deviceId);
      if (device === undefined) return false;
      beginWrite();
      sql.setDue.run(atMs, device);
      return sql.anyOfDevice.get(device) !== undefined;
    },
    ensureDue(deviceId) {
      beginWrite();
      sql.ensureDue.run(partition, deviceId);
    },
    takeDue(nowMs, limit) {
      const rows = sql.due.all(partition, nowMs, limit) as unknown as { id: number; deviceId: string }[];
      if (rows.length > 0) beginWrite();
      for (const { id } of rows) sql.setDue.run(null, id);
      return rows.map(({ deviceId }) => deviceId);
    },
    nextDueMs: () => (sql.nextDue.get(partition) as { at: number | null }).at ?? undefined,
  };
}

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

function prepareStatements(database: DatabaseSync) {
  const prepare = (text: string) => database.prepare(text);
  const select = (text: string) =>
    prepare(`select ${columns} from command join device on device.id = device ${text}`);
  const terms = 'offset, device, request_id, supersede_key, issued_at_ms, is_redriven, ended';
  return {
    rewrite: prepare(
      `update command set changelog_offset = ?, started = max(started, ?), answered = max(answered, ?), known_started = ?,
        may_be_repeat = max(may_be_repeat, ?) where partition = ? and offset = ?`,
    ),
    device: prepare('select id from device where partition = ? and device_id = ?'),
    addDevice: prepare('insert into device (partition, device_id, due_at_ms) values (?, ?, 0)'),
    add: prepare(
      `insert into command (partition, offset, changelog_offset, device, request_id, supersede_key, rank, deadline_ms, issued_at_ms,
        is_redriven, topic, timestamp_ms, since_ms, started, answered, known_started, may_be_repeat, key, value, headers)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    terms: prepare(`select ${terms} from command where partition = ? and offset = ?`),
    olderOfKey: prepare(
      `select ${terms} from command where device = ? and supersede_key = ? and offset < ? order by offset desc limit 1`,
    ),
    newerOfKey: prepare(
      `select ${terms} from command where device = ? and supersede_key = ? and offset > ? order by offset limit 1`,
    ),
    supersede: prepare(
      'update command set superseded_by = ? where partition = ? and offset = ? and superseded_by is null and ended = 0',
    ),
    remove: prepare('delete from command where partition = ? and offset = ?'),
    removeIdleDevice: prepare(
      'delete from device where id = ? and not exists (select 1 from command where device = ?)',
    ),
    clear: ['command', 'device']
      .map((table) => prepare(`delete from ${table} where partition = ?`))
      .concat(prepare('delete from partition where id = ?')),
    firstPin: prepare('select min(changelog_offset) as pin from command where partition = ?'),
    sourcesFrom: prepare(
      'select offset, timestamp_ms as timestampMs from command where partition = ? and offset >= ? order by offset',
    ),
    checkpoint: prepare('select checkpoint from partition where id = ?'),
    keep: prepare('insert or replace into partition (id, checkpoint) values (?, ?)'),
    resume: [
      prepare('update command set ended = 0 where partition = ? and ended = 1'),
      prepare('update device set due_at_ms = 0 where partition = ? and due_at_ms is null'),
    ],
    countAll: prepare('select count(*) as count from command where partition = ?'),
    countEnded: prepare('select count(*) as count from command where partition = ? and ended = 1'),
    end: prepare('update command set ended = 1 where partition = ? and offset = ? and ended = 0'),
    anyOfDevice: prepare(
      'select 1 from command where device = ? and ended = 0 order by rank, offset limit 1',
    ),
    get: select('where command.partition = ? and offset = ? and ended = 0'),
    find: select('where device = ? and request_id = ? and ended = 0 order by offset limit 1'),
    next: select('where device = ? and (rank, offset) > (?, ?) and ended = 0 order by rank, offset limit ?'),
    keepAttempts: prepare('update command set started = ?, answered = ? where partition = ? and offset = ?'),
    attempted: select(
      'where command.partition = ? and offset > ? and started <> known_started and ended = 0 order by offset limit ?',
    ),
    writtenBetween: select(
      'where command.partition = ? and changelog_offset > ? and changelog_offset < ? and ended = 0 order by changelog_offset limit ?',
    ),
    overdue: select(
      'where command.partition = ? and deadline_ms <= ? and ended = 0 order by deadline_ms limit ?',
    ),
    nextDeadline: prepare(
      'select deadline_ms as at from command where partition = ? and ended = 0 order by deadline_ms limit 1',
    ),
    setDue: prepare('update device set due_at_ms = ? where id = ?'),
    ensureDue: prepare(
      'update device set due_at_ms = 0 where partition = ? and device_id = ? and due_at_ms is null',
    ),
    due: prepare(
      'select id, device_id as deviceId from device where partition = ? and due_at_ms <= ? order by due_at_ms limit ?',
    ),
    nextDue: prepare('select min(due_at_ms) as at from device where partition = ?'),
  } satisfies Record<string, unknown>;
}
