export type SqlParameter = string | number | null;

/** A row by the names of its columns; whole numbers may come as text. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs one statement, with `$1` and so on for the parameters. */
export type SqlQuery = (
  statement: string,
  parameters?: readonly SqlParameter[],
) => Promise<readonly SqlRow[]>;

/** A database that has the tables of a command store. */
export interface SqlDatabase {
  /** Reads what is committed. */
  readonly query: SqlQuery;
  /** Runs statements that take effect together or not at all; one such run at a time, among all processes. */
  transaction<Result>(run: (query: SqlQuery) => Promise<Result>): Promise<Result>;
  /** A `SELECT` that gives the elements of a JSON array of objects as rows, each field as its own type: `{ name: 'text' }`. */
  selectFromJson(parameter: string, columns: Readonly<Record<string, 'text' | 'bigint'>>): string;
  /** Waits for the statements in flight. */
  close(): Promise<void>;
}
