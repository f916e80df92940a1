import type { Logger } from '@preservarium/backend';
import { describeStateError } from '@preservarium/state-file';

/** The end of a connector: by its first failure, or by `close`. */
export interface ConnectorEnd {
  /** Resolves when the connector has stopped; rejects when it cannot go on. */
  readonly closed: Promise<void>;
  /** Resolves when the connector begins to close. */
  readonly closing: Promise<void>;
  isClosing(): boolean;
  hasFailed(): boolean;
  /** Returns the first failure; undefined without one. */
  failure(): unknown;
  /** Takes note of a failure; returns it with the advice for errors of the state directory. */
  note(error: unknown): unknown;
  /** The connector cannot go on: logs the failure, and rejects `closed`. */
  fail(error: unknown): void;
  /** Calls `stop` once; resolves when that does. */
  close(stop: () => Promise<void>): Promise<void>;
}

export interface ConnectorEndOptions {
  readonly stateDir: string | undefined;
  readonly groupId: string;
  readonly logger: Logger;
}

export function createConnectorEnd({ stateDir, groupId, logger }: ConnectorEndOptions): ConnectorEnd {
  const closed = Promise.withResolvers<void>();
  // Mark the rejection as handled: callers may ignore `closed`.
  closed.promise.catch(() => {});
  const closing = Promise.withResolvers<void>();
  let stopped: Promise<void> | undefined;
  let failure: unknown;

  function note(error: unknown): unknown {
    failure ??= error;
    return describeStateError(error, stateDir);
  }

  return {
    closed: closed.promise,
    closing: closing.promise,
    isClosing: () => stopped !== undefined,
    hasFailed: () => failure !== undefined,
    failure: () => failure,
    note,
    fail(error) {
      const noted = note(error);
      logger.error({ err: noted, groupId }, 'the connector cannot go on');
      closed.reject(noted);
    },
    close(stop) {
      closing.resolve();
      stopped ??= stop().then(closed.resolve);
      return stopped;
    },
  };
}
