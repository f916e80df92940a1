import { ConfigurationError } from '@preservarium/core';

type Sqlite = typeof import('node:sqlite');

/**
 * Returns Node's SQLite, without the warning of Node 22 that it is experimental, about which nobody can do anything.
 *
 * @throws ConfigurationError on Node 20, which has none
 */
export function loadSqlite(): Sqlite {
  const sqlite = withoutWarning(() => process.getBuiltinModule?.('node:sqlite'));
  if (sqlite !== undefined) return sqlite;
  throw new ConfigurationError(`this Node (${process.version}) has no SQLite: use Node 22.18 or newer`);
}

function withoutWarning<Result>(load: () => Result): Result {
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
