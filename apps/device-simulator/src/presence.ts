/** Which devices are there. */
export interface Presence {
  /** Aborts when the device goes; undefined for one that is away, or that is none of these. */
  signalOf(deviceId: string): AbortSignal | undefined;
  has(deviceId: string): boolean;
  sleep(deviceId: string): void;
  wake(deviceId: string): void;
  /** All go, for good. */
  end(): void;
}

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
