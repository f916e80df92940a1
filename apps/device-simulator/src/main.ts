import { once } from 'node:events';
import { exitCodeOf, exitCodes, listenForInterruption, printable } from '@preservarium/command-line/process';
import { CommanderError } from 'commander';
import { createBehaviour } from './behaviour.js';
import { readOptions, type SimulatorOptions } from './options.js';
import { refusingOlder } from './refusing-older.js';
import { reporting } from './report-command.js';
import { playScenario } from './scenario.js';
import { startDevices } from './start-devices.js';

// Ends when the reader of stdout has gone, as in `device-simulator | head`.
process.stdout.on('error', () => process.exit(exitCodes.ok));
process.stderr.on('error', () => {});
const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));

async function main(): Promise<number> {
  try {
    return await simulate(readOptions(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof CommanderError))
      say(error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error));
    return exitCodeOf(error);
  }
}

async function simulate(options: SimulatorOptions): Promise<number> {
  const { fail: failShare, answerAfter: answerAfterMs, output } = options;
  const { vanishAfter: vanishAfterMs, returnAfter: returnAfterMs } = options;
  // Ctrl-C and SIGTERM end the devices.
  const { signal } = listenForInterruption();
  const execute = createBehaviour({ failShare, answerAfterMs });
  const behaviour = options.refuseOlder ? refusingOlder(execute) : execute;
  const started = await startDevices(
    options,
    reporting(behaviour, output, (line) => console.log(line)),
  );
  for (const { devices, place } of started) say(`${describeIds(devices.deviceIds)} ${place}`);

  const groups = started.map(({ devices }) => devices);
  void playScenario(groups, { vanishAfterMs, returnAfterMs }, { signal, say });
  if (!signal.aborted) await once(signal, 'abort');
  await Promise.all(groups.map((devices) => devices.close()));
  return exitCodes.ok;
}

function describeIds(deviceIds: readonly string[]): string {
  const [first, last] = [deviceIds[0], deviceIds.at(-1)];
  return first === last ? `${first}` : `${first} to ${last}`;
}

function say(line: string): void {
  process.stderr.write(`device-simulator: ${printable(line)}\n`);
}
