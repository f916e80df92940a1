import { expect, test } from 'vitest';
import type { Devices } from './device.js';
import { playScenario } from './scenario.js';

function recordedDevices() {
  const happened: string[] = [];
  const devices: Devices = {
    deviceIds: ['one', 'two'],
    sleep: (deviceId) => happened.push(`${deviceId} sleeps`),
    wake: (deviceId) => happened.push(`${deviceId} wakes`),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return { devices, happened, say: (line: string) => happened.push(line) };
}

test('devices go away and return', async () => {
  const { devices, happened, say } = recordedDevices();
  const { signal } = new AbortController();
  await playScenario([devices], { vanishAfterMs: 1, returnAfterMs: 1 }, { signal, say });
  expect(happened).toEqual([
    'one sleeps',
    'two sleeps',
    'the devices are unreachable',
    'one wakes',
    'two wakes',
    'the devices are reachable again',
  ]);
});

test('without a time to return they stay away, without one to vanish they stay', async () => {
  const { devices, happened, say } = recordedDevices();
  const { signal } = new AbortController();
  await playScenario([devices], {}, { signal, say });
  expect(happened).toEqual([]);
  await playScenario([devices], { vanishAfterMs: 1 }, { signal, say });
  expect(happened.at(-1)).toBe('the devices are unreachable');
});

test('it ends with the signal', async () => {
  const { devices, happened, say } = recordedDevices();
  const ending = new AbortController();
  const playing = playScenario([devices], { vanishAfterMs: 3_600_000 }, { signal: ending.signal, say });
  ending.abort();
  await playing;
  expect(happened).toEqual([]);
});
