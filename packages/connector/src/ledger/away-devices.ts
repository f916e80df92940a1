import type { DatabaseSync } from 'node:sqlite';
import type { DiskGuard } from './disk-guard.js';

/** As many are remembered. */
const maxAway = 1_000_000;

/** Devices whose presence says that they are away: all that the connector has heard of, of whatever partition. They survive its restarts. */
export interface AwayDevices {
  has(deviceId: string): boolean;
  /** Returns false where no more are remembered. */
  add(deviceId: string): boolean;
  remove(deviceId: string): void;
  clear(): void;
}

export interface AwayDevicesOptions {
  /** Returns the database, which is opened by the first call. */
  database(): DatabaseSync;
  /** How many of them the database has. */
  readonly kept: number;
  readonly guard: DiskGuard;
  /** Called before each write. */
  beginWrite(): void;
}

/** While no device is away, nothing is read from the database and nothing written to it. On a full disk, devices are not known to be away. */
export function createAwayDevices({ database, kept, guard, beginWrite }: AwayDevicesOptions): AwayDevices {
  let statements: ReturnType<typeof prepareStatements> | undefined;
  let count = kept;

  function sql() {
    statements ??= prepareStatements(database());
    return statements;
  }

  function has(deviceId: string): boolean {
    return count > 0 && guard.attempt(() => sql().has.get(deviceId) !== undefined, false);
  }

  function write(statement: keyof ReturnType<typeof sql>, ...values: string[]): void {
    guard.attempt(() => {
      beginWrite();
      sql()[statement].run(...values);
    }, undefined);
  }

  return {
    has,
    add(deviceId) {
      if (has(deviceId)) return true;
      if (count >= maxAway) return false;
      write('add', deviceId);
      count++;
      return true;
    },
    remove(deviceId) {
      if (!has(deviceId)) return;
      write('remove', deviceId);
      count--;
    },
    clear() {
      if (count === 0) return;
      write('clear');
      count = 0;
    },
  };
}

/** Returns how many devices the database of an earlier run knows to be away. */
export function countAway(database: DatabaseSync): number {
  createTable(database);
  return Number(database.prepare('select count(*) as count from away').get()?.count);
}

function prepareStatements(database: DatabaseSync) {
  createTable(database);
  return {
    has: database.prepare('select 1 from away where device_id = ?'),
    add: database.prepare('insert into away values (?)'),
    remove: database.prepare('delete from away where device_id = ?'),
    clear: database.prepare('delete from away'),
  };
}

function createTable(database: DatabaseSync): void {
  database.exec('create table if not exists away (device_id text primary key) without rowid');
}
