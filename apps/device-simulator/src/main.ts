#!/usr/bin/env node
import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { createBehaviour } from './behaviour.js';
import { readOptions, type SimulatorOptions } from './options.js';
import { reporting } from './report-command.js';
import { playScenario } from './scenario.js';
import { startDevices } from './start-devices.js';

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

// Whoever reads the lines may have gone, as in `device-simulator | head`.
process.stdout.on('error', () => process.exit(exitCodes.ok));
const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));

async function main(): Promise<number> {
  try {
    return await simulate(readOptions(process.argv.slice(2)));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    say(error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error));
    return exitCodes.failed;
  }
}

async function simulate(options: SimulatorOptions): Promise<number> {
  const { fail: failShare, answerAfter: answerAfterMs, output } = options;
  const { vanishAfter: vanishAfterMs, returnAfter: returnAfterMs } = options;
  const interruption = listenForInterruption();
  const behaviour = createBehaviour({ failShare, answerAfterMs });
  const started = await startDevices(
    options,
    reporting(behaviour, output, (line) => console.log(line)),
  );
  for (const { devices, place } of started) say(`${describeIds(devices.deviceIds)} ${place}`);

  const groups = started.map(({ devices }) => devices);
  const { signal } = interruption;
  void playScenario(groups, { vanishAfterMs, returnAfterMs }, { signal, say });
  await interruption.came;
  await Promise.all(groups.map((devices) => devices.close()));
  return exitCodes.ok;
}

/** Ctrl-C and SIGTERM are how the devices end; a second one ends the process at once. */
function listenForInterruption(): { readonly signal: AbortSignal; readonly came: Promise<void> } {
  const controller = new AbortController();
  const { promise: came, resolve } = Promise.withResolvers<void>();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
      controller.abort();
      resolve();
    });
  }
  return { signal: controller.signal, came };
}

function describeIds(deviceIds: readonly string[]): string {
  const [first, last] = [deviceIds[0], deviceIds.at(-1)];
  return first === last ? `${first}` : `${first} to ${last}`;
}

function say(line: string): void {
  process.stderr.write(`device-simulator: ${line}\n`);
}
