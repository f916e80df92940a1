import { ConfigurationError } from '@preservarium/core';

type Sqlite = typeof import('node:sqlite');

/** Node's SQLite, which Node 20 does not have. */
export function loadSqlite(): Sqlite {
  const sqlite = quietly(() => process.getBuiltinModule?.('node:sqlite'));
  if (sqlite !== undefined) return sqlite;
  throw new ConfigurationError(
    `this Node (${process.version}) has no SQLite, which the command store needs: use 22.18 or newer, or PostgreSQL`,
  );
}

/** Node 22 warns of each first use that SQLite is experimental, which users of the store can do nothing about. */
function quietly<Result>(load: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
