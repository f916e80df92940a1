import type { Execution } from './command.js';
import { connectDevice, type Device, type Presence } from './device.js';
import type { Random } from './random.js';

const changeEveryMs = 100;
const awayChance = 0.25;

export interface Devices extends AsyncDisposable {
  readonly ids: readonly [string, ...string[]];
  /**
   * Returns true for a device that goes offline, for which the MQTT broker then keeps commands. It gets no command that expires, because mosquitto
   * 2.0.11 changes the order of what it kept after a part of that expired.
   */
  goesOffline(deviceId: string): boolean;
  /** Executed commands, in the order of each device. */
  readonly executions: readonly Execution[];
  /** They go away and come back, until all are called back. */
  wander(): void;
  /** All are present from now on. */
  callBack(): Promise<void>;
  /** All say that they are present. */
  announce(): Promise<void>;
}

export interface ConnectDevicesOptions {
  readonly url: string;
  readonly count: number;
  readonly random: Random;
  /** How often a device dies after it acknowledged a command and before it answers, from 0 to 1. */
  readonly deathChance: number;
  onDeath(deviceId: string): void;
}

export async function connectDevices(options: ConnectDevicesOptions): Promise<Devices> {
  const { url, count, random, deathChance } = options;
  const executions: Execution[] = [];
  const all: Device[] = [];
  const changing = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  for (let index = 0; index < count; index++) {
    all.push(
      await connectDevice({
        url,
        id: `device-${index}`,
        onExecution: (execution) => executions.push(execution),
        drawDeath() {
          if (deathChance === 0 || !random.chance(deathChance)) return undefined;
          options.onDeath(`device-${index}`);
          return random.chance(0.5) ? 'before execution' : 'before answer';
        },
      }),
    );
  }
  const [first, ...others] = all.map(({ id }) => id);
  if (first === undefined) throw new TypeError('there must be a device');
  const busy = new Set<Device>();

  function changeOne(): void {
    const device = all[random.below(all.length)];
    if (device === undefined || busy.has(device)) return;
    const presence = drawPresence(device);
    busy.add(device);
    const change = device.change(presence).finally(() => {
      busy.delete(device);
      changing.delete(change);
    });
    changing.add(change);
  }

  function drawPresence({ id }: Device): Presence {
    if (!random.chance(awayChance)) return 'present';
    return goesOffline(id) && random.chance(0.5) ? 'offline' : 'away';
  }

  async function callBack(): Promise<void> {
    clearInterval(timer);
    await Promise.all(changing);
    await Promise.all(all.map((device) => device.change('present')));
  }

  return {
    ids: [first, ...others],
    goesOffline,
    executions,
    wander() {
      timer = setInterval(changeOne, changeEveryMs);
    },
    callBack,
    announce: async () => void (await Promise.all(all.map((device) => device.announce()))),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(all.map((device) => device.close()));
    },
  };
}

function goesOffline(deviceId: string): boolean {
  return /[02468]$/.test(deviceId);
}
