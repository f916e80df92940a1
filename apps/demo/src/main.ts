import { PusherError } from '@preservarium/core';
import { startKafka } from '@preservarium/dev-services';
import { readArguments, usage } from './arguments.js';
import { say } from './say.js';

// Ctrl-C needs no handler: the Kafka that this process started ends with it, however it ends.
const exitCode = await main();
// Timers and sockets that a client left behind must not keep the process running.
process.stdout.write('', () => process.exit(exitCode));

async function main(): Promise<number> {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (parsed.kind === 'mistake') {
    say(`${parsed.message}; see --help`);
    return 2;
  }
  try {
    say('starting Kafka');
    const loading = import('./run-demo.js');
    // An existing Kafka must answer within a deadline, which loading beside it would take up.
    if (process.env.KAFKA_BOOTSTRAP_SERVERS) await loading;
    const starting = startKafka({ quickStart: true });
    // Its failure is reported where it is awaited.
    starting.catch(() => {});
    const { runDemo } = await loading;
    return await runDemo(parsed, starting);
  } catch (error) {
    if (!PusherError.isInstance(error)) throw error;
    say(`${error.code}: ${error.message}`);
    return 1;
  }
}
