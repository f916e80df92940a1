export interface StartPostgresOptions {
  /** One of the test's own, which it may kill, also where `POSTGRES_URL` names another. Default false. */
  readonly isolated?: boolean;
}

/** A PostgreSQL for tests: it ends at `stop`, or with this process. */
export interface Postgres extends AsyncDisposable {
  /** Makes an empty database that nobody else uses, and gives its URL. */
  createDatabase(): Promise<string>;
  /** Ends the server at once, as a crash does; only where it is `isolated`. */
  kill(): Promise<void>;
  /** Starts it again with its data, on the same port. */
  start(): Promise<void>;
  /** Deletes the databases that were made, or the whole server. */
  stop(): Promise<void>;
}
