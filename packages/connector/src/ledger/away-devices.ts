import type { DatabaseSync } from 'node:sqlite';

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
  /** Called before each write. */
  beginWrite(): void;
}

/** While no device is away, nothing is read from the database and nothing written to it. */
export function createAwayDevices({ database, kept, beginWrite }: AwayDevicesOptions): AwayDevices {
  let statements: ReturnType<typeof prepareStatements> | undefined;
  let count = kept;

  function sql() {
    statements ??= prepareStatements(database());
    return statements;
  }

  const has = (deviceId: string) => count > 0 && sql().has.get(deviceId) !== undefined;

  return {
    has,
    add(deviceId) {
      if (has(deviceId)) return true;
      if (count >= maxAway) return false;
      beginWrite();
      sql().add.run(deviceId);
      count++;
      return true;
    },
    remove(deviceId) {
      if (!has(deviceId)) return;
      beginWrite();
      sql().remove.run(deviceId);
      count--;
    },
    clear() {
      if (count === 0) return;
      beginWrite();
      sql().clear.run();
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
