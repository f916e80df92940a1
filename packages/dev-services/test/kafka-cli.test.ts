import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kafkajsClient } from '../src/kafka/kafkajs-client.js';

const cli = fileURLToPath(new URL('../dist/kafka-cli.js', import.meta.url));

test('starts a Kafka with the topics of devices and ends it at SIGTERM', async () => {
  const child = spawn(process.execPath, [cli, '--port', '19092'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (line.startsWith('Ctrl-C')) break;
  }
  const [, server = ''] = /KAFKA_BOOTSTRAP_SERVERS=(\S+)/.exec(printed.join('\n')) ?? [];
  const admin = kafkajsClient({ brokers: [server] }).admin();
  await admin.connect();
  expect(await admin.listTopics()).toEqual(expect.arrayContaining(['device_commands', 'device_settings']));
  await admin.disconnect();
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

test.each([
  { args: ['--brokers', '2'], code: 2, stderr: '--brokers is "2"; it can be 1 or 3\n' },
  { args: ['--port', 'x'], code: 2, stderr: '--port is "x"; it can be 1 to 65535, for example 9092\n' },
  { args: ['--security', 'tls'], code: 2, stderr: '--security is "tls"; it can be plaintext or sasl-ssl\n' },
  { args: ['--help'], code: 0, stderr: '' },
])('$args ends with $code', async ({ args, code, stderr }) => {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  expect(await text(child.stderr)).toBe(stderr);
  expect(await exited).toEqual([code, null]);
});
