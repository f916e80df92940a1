import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { run } from '../workspace.mjs';
import { freePort, npmVariables } from './registry.mjs';

const programs = ['cli', 'mqtt-connector', 'coap-connector', 'http-connector', 'device-simulator'];

/**
 * Throws where the programs, run by npx in an empty folder, do not work: commands go through a real Kafka and three connectors to
 * simulated devices, and their outcome comes back.
 */
export async function checkPrograms({ folder, registry, services }) {
  const env = await npmVariables(folder, registry);
  const npx = (...args) => run('npx', ['--yes', ...args], { cwd: folder, env });

  const help = await npx('@preservarium/cli', '--help');
  if (!help.startsWith('Usage: npx @preservarium/cli '))
    throw new Error(`npx @preservarium/cli --help printed ${help}`);
  const packages = programs.map((name) => `--package=@preservarium/${name}`);
  await refuseRdkafka(() => npx(...packages, 'pusher', 'topics', 'list', '--backend', 'rdkafka'));

  const pusher = (...args) => npx(...packages, 'pusher', ...args, '--brokers', services.brokers);
  await pusher('topics', 'create', 'device_commands');
  const [coapPort, httpPort] = [await freePort(), await freePort()];
  const start = (name, ready, ...args) =>
    startProgram(['--yes', ...packages, name, ...args], {
      cwd: folder,
      env: { ...env, HEALTH_PORT: '0' },
      ready,
    });
  const kafka = ['--brokers', services.brokers, '--from', 'beginning'];
  await using stack = new AsyncDisposableStack();
  const running = await Promise.all([
    start(
      'device-simulator',
      /http-1/,
      ...['--mqtt', '1', '--coap', '1', '--http', '1', '--broker', services.mqttUrl],
      ...['--coap-port', String(coapPort), '--http-port', String(httpPort)],
    ),
    start('mqtt-connector', /taking commands/, ...kafka, '--mqtt-url', services.mqttUrl),
    start(
      'coap-connector',
      /taking commands/,
      ...kafka,
      '--coap-device-directory',
      `coap://127.0.0.1:${coapPort}/{deviceId}`,
    ),
    start(
      'http-connector',
      /taking commands/,
      ...kafka,
      '--http-device-directory',
      `http://127.0.0.1:${httpPort}/{deviceId}`,
    ),
  ]);
  for (const program of running) stack.use(program);
  for (const protocol of ['mqtt', 'coap', 'http']) {
    const command = [
      '--device',
      `${protocol}-1`,
      '--type',
      'set_led',
      '--protocol',
      protocol,
      '--payload',
      '{"on":true}',
    ];
    const printed = await pusher('push', ...command, '--wait', 'delivered');
    if (!printed.includes('delivered') && !printed.includes('succeeded'))
      throw new Error(`pusher push printed ${printed}`);
    console.log(`installed with npx, ${protocol}: ${printed.trim().replaceAll('\n', '; ')}`);
  }
}

async function refuseRdkafka(use) {
  const refusal = await use().then(
    (printed) => `exit code 0: ${printed}`,
    (error) => error.message,
  );
  if (/exit code 2\n.*CLIENT_NOT_INSTALLED: .*npm install @preservarium\/backend-rdkafka`/.test(refusal))
    return;
  throw new Error(`--backend rdkafka without its backend must name what to install, and printed ${refusal}`);
}

/** Resolves when a line of its output matches `ready`; rejects with its output if it ends before. */
function startProgram(args, { cwd, env, ready }) {
  const child = spawn('npx', args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let output = '';
  const stop = async () => {
    // The group: npx may stand between.
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`;
        if (ready.test(line)) resolve({ [Symbol.asyncDispose]: stop });
      });
    }
    void ended.then((code) => reject(new Error(`npx ${args.join(' ')} ended with ${code}\n${output}`)));
  });
}
