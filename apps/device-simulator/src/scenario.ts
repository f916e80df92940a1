import { setTimeout as pause } from 'node:timers/promises';
import type { Devices } from './device.js';

export interface Scenario {
  /** Time from the start until all devices disconnect, in milliseconds. Default: never. */
  readonly vanishAfterMs?: number | undefined;
  /** Time from then until they return, in milliseconds. Default: never. */
  readonly returnAfterMs?: number | undefined;
}

/** Runs the scenario once. Resolves at its end or when the signal aborts. */
export async function playScenario(
  groups: readonly Devices[],
  { vanishAfterMs, returnAfterMs }: Scenario,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  if (vanishAfterMs === undefined || !(await waited(vanishAfterMs, signal))) return;
  for (const group of groups) group.deviceIds.forEach(group.sleep);
  say('the devices are unreachable');
  if (returnAfterMs === undefined || !(await waited(returnAfterMs, signal))) return;
  for (const group of groups) group.deviceIds.forEach(group.wake);
  say('the devices are reachable again');
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await pause(ms, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}
