import { listenForInterruption, reportError, startTelemetry, usageLine } from '@preservarium/command-line';
import { Command } from 'commander';
import { addCommands } from './add-commands.js';
import { exitCodesHelp } from './exit-codes-help.js';
import { writeLines, writeNote } from './output.js';
import { nameInExamples, pusher } from './pusher.js';
import { describeVersion } from './version.js';

const interruption = listenForInterruption();
// Without a listener, a reader of stdout or stderr that has gone would end the process with a stack.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const program = new Command(pusher)
  .description('Sends commands and settings to IoT devices through Kafka.')
  .option('-V, --version', 'print the version; with --verbose, also the codecs of the Kafka clients')
  .exitOverride()
  .configureOutput({
    writeOut: (text) => process.stdout.write(nameInExamples(text)),
    outputError: (text, write) => write(usageLine('pusher', text)),
  })
  .addHelpText(
    'after',
    `
Options come from flags, then the environment, then the file that --env names, then defaults: docs/configuration.md.
${exitCodesHelp}`,
  );

const endTelemetry = await startTelemetry({
  serviceName: 'pusher',
  // The process ends before anything would scrape its metrics.
  metricReaders: [],
  // A collector that is there takes the few spans of one command at once; people wait for a command to end.
  endTimeoutMs: 1_000,
  report: (problem) => writeNote(`telemetry: ${problem}`),
});
let exitCode: number;
try {
  if (/^(-V|--version)$/.test(process.argv[2] ?? '')) {
    await writeLines(await describeVersion({ verbose: process.argv.includes('--verbose') }));
  } else {
    await addCommands(program, process.argv[2], interruption.signal);
    await program.parseAsync();
  }
  exitCode = interruption.exitCode() ?? Number(process.exitCode ?? 0);
} catch (error) {
  const code = reportError('pusher', error, { verbose: process.argv.includes('--verbose') });
  exitCode = interruption.exitCode() ?? code;
}
await endTelemetry?.();
// Timers and sockets that a client left behind must not keep the process running.
process.stdout.write('', () => process.exit(exitCode));
