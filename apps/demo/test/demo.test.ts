import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startDemo } from './run-demo.js';

const timeoutMs = 120_000;

test('each command ends as it should, pushed through both backends', { timeout: timeoutMs }, async () => {
  const demo = startDemo();
  expect(await demo.ended, demo.lines.join('\n')).toBe(0);

  const table = demo.lines.slice(demo.lines.indexOf('Lifecycles of the commands:') + 3);
  const states = table.slice(0, table.indexOf('')).map((line) => line.split(/ {2,}/).slice(0, 4).join(' | '));
  expect(states).toEqual([
    'set_led over MQTT | device123 | kafkajs | succeeded',
    'set_temperature over MQTT | device123 | kafkajs | succeeded',
    'config over CoAP | 282c02424eed | kafkajs | delivered (device)',
    'set_led over MQTT | device123 | rdkafka | succeeded',
    'set_temperature over MQTT | device123 | rdkafka | succeeded',
    'config over CoAP | 282c02424eed | rdkafka | delivered (device)',
    'lock over HTTP | door-7 | kafkajs | delivered (device)',
    'lock over HTTP, device offline | gate-4 | kafkajs | delivered (device)',
    'rinse over CoAP, expires after 2 s | valve-9 | kafkajs | expired',
    'set_flow over CoAP, older | valve-9 | kafkajs | superseded',
    'set_flow over CoAP, newer | valve-9 | kafkajs | succeeded',
    'half a record | sensor-5 | kafkajs | dead',
  ]);
  expect(demo.lines).toContain(
    'heater-2  kafkajs  {"target":19} → {"target":21}  {"target":21}  {"target":21}',
  );
  for (const backend of ['kafkajs', 'rdkafka']) {
    expect(demo.lines).toContainEqual(expect.stringMatching(`^Refused by ${backend}: CAPABILITY_MISMATCH, `));
  }
});

test('with --keep it stays up for pushes of others, until it is asked to end', {
  timeout: timeoutMs,
}, async () => {
  const demo = startDemo('--backend', 'rdkafka', '--keep');
  await demo.printed('Ctrl-C ends it');
  const events: string[] = [];
  demo.child.stderr.on('data', (chunk) => events.push(String(chunk)));

  await demo.printed('The console with all commands');
  const [, consoleUrl = ''] = /console .*: (http\S+)/.exec(demo.lines.join('\n')) ?? [];
  const page = await fetch(consoleUrl);
  expect(await page.text()).toContain('<div id="root">');
  const listed = async () => (await fetch(`${consoleUrl}/v1/commands?device=gate-4`)).json();
  // Demos before this one may have pushed to the same Kafka. The gateway reads the events by itself.
  const delivered = expect.objectContaining({ state: 'delivered' });
  await expect.poll(listed).toMatchObject({ commands: expect.arrayContaining([delivered]) });

  const pusher = demo.lines.find((line) => line.includes('pusher -- push --device device123')) ?? '';
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', pusher.replace('npm run -s pusher --', 'node "$PUSHER"')],
    {
      env: {
        ...process.env,
        ...variablesOf(demo.lines),
        PUSHER: join(import.meta.dirname, '../../cli/dist/main.js'),
      },
    },
  );
  const [, requestId] = /^pushed (\S+) /.exec(stdout) ?? [];
  await expect
    .poll(() => events.join(''), { timeout: 30_000 })
    .toContain(`${requestId}, device123: succeeded (executed)`);

  demo.child.kill('SIGTERM');
  expect(await demo.ended, events.join('')).toBe(0);
});

/** Those of the `export` lines. */
function variablesOf(lines: readonly string[]): Record<string, string> {
  const exported = lines.filter((line) => line.trim().startsWith('export ')).join(' ');
  return Object.fromEntries([...exported.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
}
