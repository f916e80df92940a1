import type { Execution } from './command.js';
import { connectDevice, type Device, type Presence } from './device.js';
import type { Random } from './random.js';

const changeEveryMs = 100;
/** One in four is away or offline. */
const presences: readonly [Presence, ...Presence[]] = [
  'present',
  'present',
  'present',
  'present',
  'present',
  'present',
  'away',
  'offline',
];

export interface Devices extends AsyncDisposable {
  readonly ids: readonly [string, ...string[]];
  /** Executed commands, in the order of each device. */
  readonly executions: readonly Execution[];
  /** They go away and come back, until all are called back. */
  wander(): void;
  /** All are present from now on. */
  callBack(): Promise<void>;
  /** All say that they are present. */
  announce(): Promise<void>;
}

export async function connectDevices(url: string, count: number, random: Random): Promise<Devices> {
  const executions: Execution[] = [];
  const all: Device[] = [];
  const changing = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  for (let index = 0; index < count; index++) {
    all.push(await connectDevice(url, `device-${index}`, (execution) => executions.push(execution)));
  }
  const [first, ...others] = all.map(({ id }) => id);
  if (first === undefined) throw new TypeError('there must be a device');
  const busy = new Set<Device>();

  function changeOne(): void {
    const device = all[random.below(all.length)];
    const presence = random.pick(presences);
    if (device === undefined || busy.has(device)) return;
    busy.add(device);
    const change = device.change(presence).finally(() => {
      busy.delete(device);
      changing.delete(change);
    });
    changing.add(change);
  }

  async function callBack(): Promise<void> {
    clearInterval(timer);
    await Promise.all(changing);
    await Promise.all(all.map((device) => device.change('present')));
  }

  return {
    ids: [first, ...others],
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
