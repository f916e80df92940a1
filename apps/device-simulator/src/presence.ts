/** The devices that are reachable. */
export interface Presence {
  /** Returns a signal that aborts when the device disconnects; undefined if it is unreachable or unknown. */
  signalOf(deviceId: string): AbortSignal | undefined;
  has(deviceId: string): boolean;
  sleep(deviceId: string): void;
  wake(deviceId: string): void;
  /** Makes all devices unreachable for good. */
  end(): void;
}

/** Creates a {@link Presence} with all devices reachable. */
export function createPresence(deviceIds: readonly string[]): Presence {
  const devices = new Map(deviceIds.map((deviceId) => [deviceId, new AbortController()]));

  function sleep(deviceId: string): void {
    devices.get(deviceId)?.abort();
  }

  return {
    signalOf(deviceId) {
      const signal = devices.get(deviceId)?.signal;
      return signal?.aborted ? undefined : signal;
    },
    has: (deviceId) => devices.has(deviceId),
    sleep,
    wake(deviceId) {
      if (devices.get(deviceId)?.signal.aborted) devices.set(deviceId, new AbortController());
    },
    end() {
      for (const deviceId of deviceIds) sleep(deviceId);
    },
  };
}
