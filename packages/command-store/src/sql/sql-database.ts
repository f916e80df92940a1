export type SqlParameter = string | number | null;

/** A row by the names of its columns; whole numbers may come as text. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs one statement, with `$1` and so on for the parameters. */
export type SqlQuery = (
  statement: string,
  parameters?: readonly SqlParameter[],
) => Promise<readonly SqlRow[]>;

type ColumnTypes = Readonly<Record<string, 'text' | 'bigint'>>;

/** How rows come into a table. */
export interface SqlInsert {
  readonly table: string;
  readonly columns: ColumnTypes;
  /** The clause `ON CONFLICT` for a row whose key is there. */
  readonly onConflict: string;
}

/** Where the databases differ in the statements that create tables. */
export interface SqlDialect {
  /** Type of text that is compared by its bytes, whatever the language of the database. */
  readonly text: string;
  /** Type of whole numbers up to 2⁵³. */
  readonly integer: string;
  /** Options of a table. */
  readonly table: string;
  /** Options of a table that is found by its primary key alone. */
  readonly keyedTable: string;
  /** Expression of a new random id. */
  readonly newId: string;
  /** Expression of the time now, in milliseconds since 1970. */
  readonly nowMs: string;
}

/** A database that has the tables of a command store. */
export interface SqlDatabase {
  /** Reads what is committed. */
  readonly query: SqlQuery;
  /** Runs statements that take effect together or not at all; one such run at a time, among all processes. */
  transaction<Result>(run: (query: SqlQuery) => Promise<Result>): Promise<Result>;
  /** A `SELECT` that gives the elements of a JSON array of objects as rows, each field as its own type: `{ name: 'text' }`. */
  selectFromJson(parameter: string, columns: ColumnTypes): string;
  /** Inserts rows, no two of one key, in the way that is cheapest for the database. */
  insertAll(
    query: SqlQuery,
    insert: SqlInsert,
    rows: readonly Readonly<Record<string, SqlParameter>>[],
  ): Promise<void>;
  readonly dialect: SqlDialect;
  /** Waits for the statements in flight. */
  close(): Promise<void>;
}
