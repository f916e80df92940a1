/** The commands that arrived at the devices. */
export interface Tally {
  /** Different commands. */
  readonly different: number;
  /** Arrivals of commands that had come before. */
  readonly repeated: number;
  /** First arrivals after a later command of the same device. */
  readonly outOfOrder: number;
  /** By the clock of `monotonicMs`. */
  readonly lastArrivalAtMs: number;
}

export interface Arrivals {
  note(arrival: { readonly deviceId: string; readonly sequence: number; readonly atMs: number }): void;
  tally(): Tally;
}

/** Counts commands as they come; the sequence of a device rises with each of its commands. */
export function createArrivals(): Arrivals {
  const devices = new Map<string, { readonly seen: Set<number>; latest: number }>();
  let different = 0;
  let repeated = 0;
  let outOfOrder = 0;
  let lastArrivalAtMs = 0;

  function deviceOf(deviceId: string) {
    let device = devices.get(deviceId);
    if (device === undefined) {
      device = { seen: new Set(), latest: -1 };
      devices.set(deviceId, device);
    }
    return device;
  }

  return {
    note({ deviceId, sequence, atMs }) {
      const device = deviceOf(deviceId);
      lastArrivalAtMs = atMs;
      if (device.seen.has(sequence)) {
        repeated++;
        return;
      }
      device.seen.add(sequence);
      different++;
      if (sequence < device.latest) outOfOrder++;
      else device.latest = sequence;
    },
    tally: () => ({ different, repeated, outOfOrder, lastArrivalAtMs }),
  };
}
