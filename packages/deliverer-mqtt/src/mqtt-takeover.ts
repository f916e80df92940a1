/** DISCONNECT: session taken over (MQTT 5.0, section 3.14.2.1). */
export const sessionTakenOver = 0x8e;

/** So many in a row: one may be a broker that restarts. */
const shortConnectionsOfTakeover = 3;
const shortMs = 5_000;

/** Recognizes that another client connects with the same client id: the broker then ends the connection of this one. */
export interface TakeoverDetector {
  connected(): void;
  /** The broker says why it ends the connection (MQTT 5). */
  disconnecting(reasonCode: number | undefined): void;
  /** The connection fails for another reason. */
  failed(): void;
  /** The connection is closed. Returns whether another client took it over: `sure` where the broker said so. */
  closed(): 'sure' | 'likely' | undefined;
}

/**
 * With MQTT 5 the broker says so. With 3.1.1 it only closes the connection: several that are accepted, and closed soon after without an
 * error, are taken for it.
 *
 * @param nowMs a monotonic clock, in milliseconds
 */
export function createTakeoverDetector(nowMs: () => number): TakeoverDetector {
  let connectedAtMs: number | undefined;
  let isNamed = false;
  let hasFailed = false;
  let shortConnections = 0;

  return {
    connected() {
      connectedAtMs = nowMs();
      isNamed = false;
      hasFailed = false;
    },
    disconnecting(reasonCode) {
      if (reasonCode === sessionTakenOver) isNamed = true;
      else hasFailed = true;
    },
    failed() {
      hasFailed = true;
    },
    closed() {
      if (connectedAtMs === undefined) return undefined;
      const isShort = !hasFailed && nowMs() - connectedAtMs < shortMs;
      connectedAtMs = undefined;
      shortConnections = isShort ? shortConnections + 1 : 0;
      if (isNamed) return 'sure';
      return shortConnections >= shortConnectionsOfTakeover ? 'likely' : undefined;
    },
  };
}
