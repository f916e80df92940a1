import { DatabaseSync } from 'node:sqlite';

/** Limits the databases of this process that are opened from now on, as a full disk does: SQLite fails with SQLITE_FULL beyond so many pages. */
export function createLimitedDisk(maxPages: number) {
  const { exec } = DatabaseSync.prototype;
  const limited = new Set<DatabaseSync>();
  let pages = maxPages;

  function limit(database: DatabaseSync): void {
    Reflect.apply(exec, database, [`pragma max_page_count = ${pages}`]);
  }

  DatabaseSync.prototype.exec = function execLimited(this: DatabaseSync, sql: string): void {
    Reflect.apply(exec, this, [sql]);
    if (limited.has(this)) return;
    limited.add(this);
    limit(this);
  };

  return {
    resize(newPages: number): void {
      pages = newPages;
      for (const database of limited) if (database.isOpen) limit(database);
    },
    [Symbol.dispose]() {
      DatabaseSync.prototype.exec = exec;
    },
  };
}
