import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMissingTopics } from '@preservarium/backend';
import { type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';
import { markdownBlocks } from '../src/snippets/markdown-blocks.js';
import { problemOf, shellCommands } from '../src/snippets/program-help.js';
import { serviceAddresses } from '../src/snippets/service-addresses.js';
import { openShellSession } from '../src/snippets/shell-session.js';

const shell = markdownBlocks()
  .filter(({ language }) => language === 'sh' || language === 'console')
  .map(({ document, line, language, marker, text }) => ({
    name: `${document}:${line}`,
    document,
    mode: marker || (language === 'sh' ? 'run' : 'options'),
    text: language === 'sh' ? text : (text.match(/(?<=^\$ ).*$/gm)?.join('\n') ?? ''),
  }));

test('the markers of shell snippets are known', () => {
  expect(shell.filter(({ mode }) => mode !== 'run' && mode !== 'options')).toEqual([]);
});

test.each(shell)('$name: each program is known and lists each option in its help', async ({ text }) => {
  const problems = await Promise.all(shellCommands(text).map(problemOf));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

test('a program, an option and a package that do not exist are found', async () => {
  const text = [
    'pusher push --device d --no-such-option 1',
    'pusher nosuch --device d',
    'nosuch-connector --help',
    'npm run nosuch',
    'npm install @preservarium/nosuch',
  ].join('\n');
  expect(await Promise.all(shellCommands(text).map(problemOf))).toEqual([
    expect.stringContaining('--no-such-option'),
    expect.stringContaining('nosuch'),
    expect.stringContaining('nosuch-connector'),
    expect.stringContaining('nosuch'),
    expect.stringContaining('@preservarium/nosuch'),
  ]);
});

let folder: string;
let broker: Mosquitto;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snippets-'));
  broker = await startMosquitto();
  // Files that snippets read.
  await writeFile(join(folder, 'devices.yaml'), 'valve-9: coap://127.0.0.1:5700/valve-9\n');
  await writeFile(join(folder, 'signing-secret'), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n');
});
afterAll(async () => {
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
});

const documents = Map.groupBy(
  shell.filter(({ mode }) => mode === 'run'),
  ({ document }) => document,
);

// The blocks of a document are one session: later ones use what earlier ones started.
test.each([...documents])(
  'the commands of %s run',
  async (_, snippets) => {
    const id = randomUUID();
    const kafka = sharedKafka();
    const topic = (name: string) => `${name}-${id}`;
    const environment = {
      KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.join(','),
      MQTT_URL: broker.url,
      DEVICE_COMMAND_TOPIC: topic('device_commands'),
      DEVICE_SETTINGS_TOPIC: topic('settings'),
      DEVICE_REPORTED_SETTINGS_TOPIC: topic('settings_reported'),
      DEVICE_WAITING_TOPIC: topic('waiting'),
      DEVICE_DEAD_LETTER_TOPIC: topic('dead'),
      DEVICE_EVENT_TOPIC: topic('events'),
      HEALTH_PORT: '0',
    };
    const backend = backends.kafkajs(kafka);
    await createMissingTopics(backend, [{ topic: environment.DEVICE_COMMAND_TOPIC, partitions: 1 }]);
    await backend.close({ timeoutMs: 10_000 });
    const withAddresses = await serviceAddresses({ kafka: kafka.brokers, mqtt: broker.url, postgres: '' });
    const session = openShellSession({ folder, environment });
    onTestFinished(() => session.close());
    for (const { text } of snippets) {
      const isolated = withAddresses(text).replaceAll(
        'topics create device_settings',
        `topics create ${topic('created')}`,
      );
      for (const command of shellCommands(isolated)) await session.run(command);
    }
  },
  120_000,
);
