import { setTimeout as pause } from 'node:timers/promises';
import type { Devices } from './device.js';

export interface Scenario {
  /** When all devices go away, in milliseconds from the start. Default: never. */
  readonly vanishAfterMs?: number | undefined;
  /** When they are there again, in milliseconds from then. Default: never. */
  readonly returnAfterMs?: number | undefined;
}

/** Plays the scenario once; resolves at its end or when the signal aborts. */
export async function playScenario(
  groups: readonly Devices[],
  { vanishAfterMs, returnAfterMs }: Scenario,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  if (vanishAfterMs === undefined || !(await waited(vanishAfterMs, signal))) return;
  for (const group of groups) group.deviceIds.forEach(group.sleep);
  say('the devices are away');
  if (returnAfterMs === undefined || !(await waited(returnAfterMs, signal))) return;
  for (const group of groups) group.deviceIds.forEach(group.wake);
  say('the devices are back');
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await pause(ms, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}
