import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore, waitingCommand } from '../../test/waiting-stores.js';
import type { CommandLedger } from '../pending-command.js';
import { createDevice, type Device } from './device.js';
import { createWaitingDevices } from './waiting-devices.js';
import { createWakeRate } from './wake-rate.js';

const deviceCount = 10_000;
const partitions = 6;
const wakeRate = 500;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
  });
});
afterEach(() => vi.useRealTimers());

/** Ten thousand devices whose commands wait, in six partitions; a device that is taken up is done at once, and all commands are overdue. */
function createScene(isAway: (deviceId: string) => boolean = () => false) {
  const lease = { isValid: true };
  const ended: string[] = [];
  const store = openStore(undefined);
  const ledgers = Array.from({ length: partitions }, (_, partition) => {
    const ledger: Partial<CommandLedger> = {
      partition,
      waiting: store.of(partition),
      isGone: false,
      isLeased: () => lease.isValid,
    };
    return ledger as CommandLedger;
  });
  const devices = new Map<string, Device>();
  const taken: { readonly deviceId: string; readonly atMs: number }[] = [];
  for (let index = 0; index < deviceCount; index++) {
    // The one with the highest number waits longest.
    const given = { deviceId: `d${index}`, requestId: `r${index}`, sinceMs: 1_000_000 - index };
    store.of(index % partitions).add(waitingCommand(index, given));
  }
  const waiting = createWaitingDevices({
    maxAwake: 2_000,
    rate: createWakeRate(wakeRate),
    isAway,
    clock: Date.now,
    onFailed(error) {
      throw error;
    },
    ledgers: () => ledgers,
    deviceOf(ledger, deviceId) {
      const device = devices.get(deviceId) ?? createDevice(deviceId, deviceId, ledger);
      devices.set(deviceId, device);
      return device;
    },
    serve(device) {
      taken.push({ deviceId: device.deviceId, atMs: performance.now() });
      device.nextAttemptAtMs = performance.now() + 3_600_000;
      setImmediate(() => waiting.sleep(device));
    },
    admit: () => undefined,
    read: () => undefined,
    endOverdue(ledger, { record, requestId }) {
      ledger.waiting.remove(record.offset);
      ended.push(requestId);
      return true;
    },
  });
  return { waiting, ledgers, taken, lease, ended };
}

const longestFirst = Array.from({ length: deviceCount }, (_, index) => `d${deviceCount - 1 - index}`);

test('devices that are due together are taken up at the rate, those that wait longest first', async () => {
  const { waiting, taken } = createScene();
  waiting.look();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(taken.length).toBeGreaterThanOrEqual(wakeRate);
  expect(taken.length).toBeLessThanOrEqual(1.1 * wakeRate + 1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(taken.map(({ deviceId }) => deviceId)).toEqual(longestFirst);
  for (const [index, { atMs }] of taken.entries()) {
    const earlier = taken[index - Math.floor(1.1 * wakeRate) - 1];
    if (earlier !== undefined) expect(atMs - earlier.atMs).toBeGreaterThan(999);
  }
});

test('devices that show themselves together go before those whose next attempt is due', async () => {
  const { waiting, ledgers, taken } = createScene();
  waiting.look();
  await vi.advanceTimersByTimeAsync(25_000);
  taken.length = 0;
  const back = longestFirst.filter((_, index) => index % 100 === 0);
  // All are due again by then, and a hundred of them have shown themselves.
  vi.setSystemTime(Date.now() + 3_600_000);
  for (const deviceId of back.toReversed()) {
    const ledger = ledgers[Number(deviceId.slice(1)) % partitions] as CommandLedger;
    expect(waiting.setDue(ledger, deviceId, 0)).toBe(true);
  }
  await vi.advanceTimersByTimeAsync(1_000);
  expect(taken.slice(0, back.length).map(({ deviceId }) => deviceId)).toEqual(back);
});

test('devices that are away take nothing of the rate, and are not taken up', async () => {
  const { waiting, taken } = createScene((deviceId) => !deviceId.endsWith('7'));
  waiting.look();
  await vi.advanceTimersByTimeAsync(2_200);
  expect(taken.map(({ deviceId }) => deviceId)).toEqual(longestFirst.filter((id) => id.endsWith('7')));
});

test('overdue commands are ended while the partition is leased only: another connector may have delivered them', async () => {
  const { waiting, lease, ended } = createScene();
  lease.isValid = false;
  waiting.look(0);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ended).toEqual([]);
  lease.isValid = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(new Set(ended).size).toBe(deviceCount);
});
