import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { DiskGuard } from './disk-guard.js';
import {
  createWaitingStatements,
  type StatementOfCommands,
  type WaitingStatement,
} from './waiting-statements.js';

type Row = Record<string, SQLOutputValue>;

/**
 * The statements on the tables of one partition. While it has no rows, nothing is read from the database and nothing written to it; on a full disk it answers as an
 * empty one.
 */
export interface GuardedStatements {
  get(name: WaitingStatement, ...values: SQLInputValue[]): Row | undefined;
  all(name: WaitingStatement, ...values: SQLInputValue[]): Row[];
  /** As `all`, with a list for each row. */
  lists(name: StatementOfCommands, ...values: SQLInputValue[]): (readonly SQLOutputValue[])[];
  /** Returns how many rows have changed. */
  run(name: WaitingStatement, ...values: SQLInputValue[]): number;
  /** Runs a statement that changes one row; returns what it says of that. */
  change(name: WaitingStatement, ...values: SQLInputValue[]): Row | undefined;
  /**
   * Writes to the database, with or without rows.
   *
   * @param otherwise returned where the disk is full
   */
  write<Result>(work: (statement: StatementOf) => Result, otherwise: Result): Result;
}

type StatementOf = (name: WaitingStatement) => StatementSync;

export interface GuardedStatementsOptions {
  readonly partition: number;
  /** Returns the database, which is opened by the first call. */
  database(): DatabaseSync;
  readonly guard: DiskGuard;
  /** Called before each write. */
  beginWrite(): void;
  /** Returns true while the partition has no rows. */
  isEmpty(): boolean;
}

export function createGuardedStatements(options: GuardedStatementsOptions): GuardedStatements {
  const { partition, database, guard, beginWrite, isEmpty } = options;
  let statements: StatementOf | undefined;

  function statement(name: WaitingStatement): StatementSync {
    statements ??= createWaitingStatements(database(), partition);
    return statements(name);
  }

  // Not by `attempt` of the guard: a closure for each call is a part of what the call costs.
  function write<Result>(work: (statement: StatementOf) => Result, otherwise: Result): Result {
    if (guard.isOver) return otherwise;
    try {
      beginWrite();
      return work(statement);
    } catch (error) {
      guard.failed(error);
      return otherwise;
    }
  }

  function all<Found>(name: WaitingStatement, values: readonly SQLInputValue[]): Found[] {
    if (isEmpty() || guard.isOver) return [];
    try {
      return statement(name).all(...values) as Found[];
    } catch (error) {
      guard.failed(error);
      return [];
    }
  }

  return {
    get(name, ...values) {
      if (isEmpty() || guard.isOver) return undefined;
      try {
        return statement(name).get(...values);
      } catch (error) {
        guard.failed(error);
        return undefined;
      }
    },
    all: (name, ...values) => all(name, values),
    lists: (name, ...values) => all(name, values),
    run: (name, ...values) =>
      isEmpty() ? 0 : write((statement) => Number(statement(name).run(...values).changes), 0),
    change: (name, ...values) =>
      isEmpty() ? undefined : write((statement) => statement(name).get(...values), undefined),
    write,
  };
}
