import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { columns } from './command-row.js';

/** The statements on the tables of one partition, each prepared when it is first used. */
export type WaitingStatements = (name: WaitingStatement) => StatementSync;

export type WaitingStatement = keyof ReturnType<typeof textsOf>;

export function createWaitingStatements(database: DatabaseSync, partition: number): WaitingStatements {
  const texts = textsOf(`command_${partition}`, `device_${partition}`);
  const prepared = new Map<WaitingStatement, StatementSync>();

  return (name) => {
    let statement = prepared.get(name);
    if (statement === undefined) {
      statement = database.prepare(texts[name]);
      statement.setReturnArrays(ofCommands.has(name));
      prepared.set(name, statement);
    }
    return statement;
  };
}

/** Whose rows are lists: see `command-row.ts`. */
export type StatementOfCommands = (typeof namesOfCommands)[number];

const namesOfCommands = ['get', 'nextOfRank', 'nextRanks', 'attempted', 'writtenBetween', 'overdue'] as const;
const ofCommands: ReadonlySet<WaitingStatement> = new Set(namesOfCommands);

/** SQLite plans a statement anew at each call if its limit is a parameter alone, whose value it looks at: that took longer than the query. */
const limit = 'limit ? + 0';

/** A device that is due at once has a time before all others, the earlier the longer its command waits. */
const beforeAllMs = 1e15;

function textsOf(command: string, device: string) {
  const select = `select ${columns}, channel from ${command} join ${device} on id = device where`;
  const earlier = `exists (select 1 from ${command} as earlier where earlier.device = one.device and earlier.request_hash = one.request_hash
    and earlier.offset < one.offset and earlier.request_id = one.request_id and earlier.ended = 0)`;
  const selectOfOne = `select ${columns}, ${earlier} from ${command} as one where`;
  const terms = `select offset, device, request_id, supersede_key, issued_at_ms, is_redriven from ${command} where`;
  const dueNow = `(select since_ms from ${command} where device = id and ended = 0 order by rank, offset limit 1) - ${beforeAllMs}`;
  const waits = `exists (select 1 from ${command} where device = id and ended = 0)`;
  const idOf = `(select id from ${device} where channel = ?)`;

  return {
    // ---- the changelog
    add: `insert into ${command} (offset, changelog_offset, device, request_id, request_hash, supersede_key, rank, deadline_ms, issued_at_ms,
      is_redriven, topic, timestamp_ms, since_ms, started, answered, known_started, may_be_repeat, key, value, headers)
      select ?, ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? from ${device} where channel = ? on conflict (offset) do nothing`,
    rewrite: `update ${command} set changelog_offset = ?, started = max(started, ?), answered = max(answered, ?), known_started = ?,
      may_be_repeat = max(may_be_repeat, ?) where offset = ?`,
    channels: `select channel from ${device} where channel = ? union all select channel from ${device} where channel > ? and channel < ?`,
    addDevice: `insert into ${device} (channel, due_at_ms) values (?, ? - ${beforeAllMs})`,
    terms: `${terms} offset = ?`,
    olderOfKey: `${terms} device = ? and supersede_key = ? and offset < ? order by offset desc limit 1`,
    newerOfKey: `${terms} device = ? and supersede_key = ? and offset > ? order by offset limit 1`,
    supersede: `update ${command} set superseded_by = ? where offset = ? and superseded_by is null and ended = 0`,
    remove: `delete from ${command} where offset = ? returning device, ended`,
    removeIdleDevice: `delete from ${device} where id = ?1 and not exists (select 1 from ${command} where device = ?1)`,
    firstPin: `select min(changelog_offset) as pin from ${command}`,
    sourcesFrom: `select offset, timestamp_ms as timestampMs from ${command} where offset >= ? order by offset`,
    writtenAt: `select timestamp_ms as at from ${command} where offset = ?`,
    resumeEnded: `update ${command} set ended = 0 where ended = 1`,
    resumeServed: `update ${device} set due_at_ms = 0 where due_at_ms is null`,
    countEnded: `select count(*) as count from ${command} where ended = 1`,

    // ---- commands
    end: `update ${command} set ended = 1 where offset = ? and ended = 0`,
    first: `select request_id as requestId, -rank as priority, offset from ${command} where device = ${idOf} and ended = 0 order by rank, offset limit 1`,
    // Without `or` and `in`, for which SQLite makes a table each time.
    offsetOf: `select
      (select offset from ${command} where device = (select id from ${device} where channel = ?1) and request_hash = ?5 and request_id = ?4 and ended = 0 order by offset limit 1) as own,
      (select min(offset) from ${device} cross join ${command} on device = id where channel > ?2 and channel < ?3 and request_hash = ?5 and request_id = ?4 and ended = 0) as named`,
    get: `${select} offset = ? and ended = 0`,
    // Two, because SQLite looks through all earlier ones for a condition on both rank and offset.
    nextOfRank: `${selectOfOne} device = ${idOf} and rank = ? and offset > ? and ended = 0 order by offset ${limit}`,
    nextRanks: `${selectOfOne} device = ${idOf} and rank > ? and ended = 0 order by rank, offset ${limit}`,
    keepAttempts: `update ${command} set started = ?, answered = ?, may_be_repeat = max(may_be_repeat, ?) where offset = ?`,
    attempted: `${select} offset > ? and started <> known_started and ended = 0 order by offset ${limit}`,
    writtenBetween: `${select} changelog_offset > ? and changelog_offset < ? and ended = 0 order by changelog_offset ${limit}`,
    overdue: `${select} deadline_ms <= ? and ended = 0 order by deadline_ms ${limit}`,
    nextDeadline: `select deadline_ms as at from ${command} where ended = 0 order by deadline_ms limit 1`,

    // ---- devices
    setDue: `update ${device} set due_at_ms = ? where channel = ? returning ${waits} as waits`,
    setDueNow: `update ${device} set due_at_ms = ${dueNow} where channel = ? returning due_at_ms is not null as waits`,
    callUndue: `update ${device} set due_at_ms = ${dueNow} where due_at_ms = 9e999`,
    ensureDue: `update ${device} set due_at_ms = ${dueNow} where channel = ? and due_at_ms is null`,
    take: `update ${device} set due_at_ms = null where id = ?`,
    due: `select id, channel from ${device} where due_at_ms <= ? order by due_at_ms ${limit}`,
    nextDue: `select min(due_at_ms) as at from ${device}`,
  };
}
