import { createTestTopic, freeTcpPort, type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newFolder, startGateway } from '../../apps/gateway/test/start-gateway.js';
import { createConsoleWorld } from '../src/console/console-world.js';
import { declareLamps } from '../src/console/declare-lamps.js';
import { inspect } from '../src/console/inspect.js';
import { openBrowser } from '../src/console/open-browser.js';
import { openPage } from '../src/console/open-page.js';
import { sharedKafka } from '../src/shared-kafka.js';

const rdkafka = ['--backend', 'rdkafka'];

let browser: Browser;
let mosquitto: Mosquitto;
beforeAll(async () => {
  [browser, mosquitto] = await Promise.all([openBrowser(), startMosquitto()]);
});
afterAll(() => Promise.all([browser?.close(), mosquitto?.stop()]));

test('a command for a sleeping lamp waits, and succeeds when the lamp wakes up', async () => {
  const world = await createConsoleWorld({ mosquitto });
  const page = await openPage(browser);
  await page.goto(`${world.url}/commands`);
  await page.getByText('There are no commands yet.').waitFor();
  await world.push({ device_id: 'lamp-7', payload: { on: true }, required_evidence: 'executed' });
  const row = page.getByRole('row').filter({ hasText: 'lamp-7' });
  await row.getByText('waiting').waitFor();
  await inspect(page, 'commands');
  await row.getByRole('link', { name: 'set_led' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'set_led for lamp-7', level: 1 }).waitFor();
  await page.getByRole('status').getByText('waiting').waitFor();
  await page.getByText('Next attempt').waitFor();
  await inspect(page, 'waiting');
  await world.wake('lamp-7');
  await page.getByRole('status').getByText('succeeded').waitFor();
  await page.getByText('the device reported the result').waitFor();
  await page.getByRole('region', { name: 'Result' }).getByText('applied').waitFor();
  await page.getByRole('button', { name: 'Read the command from Kafka' }).click();
  await page.getByRole('region', { name: 'Payload' }).getByText('"on": true').waitFor();
  await inspect(page, 'succeeded');
});

test('a command is written in a form, tried without sending, sent, and answered', async () => {
  const world = await createConsoleWorld({ mosquitto, environment: declareLamps('lamp-8') });
  await world.wake('lamp-8');
  const page = await openPage(browser);
  await page.goto(`${world.url}/send?device=lamp-8`);
  await page.getByLabel('Command type').fill('dim');
  await page.getByLabel('level').fill('150');
  await page.getByText('150 is greater than 100').waitFor();
  await page.getByLabel('level').fill('40');
  await inspect(page, 'form');
  const dryRun = page.getByRole('button', { name: 'Dry run' });
  await dryRun.click();
  await page.getByText('Nothing was sent.').waitFor();
  await page.getByRole('radiogroup', { name: 'Payload as' }).getByText('JSON').click();
  const payload = page.getByRole('textbox', { name: 'Payload' });
  expect(JSON.parse(await payload.inputValue())).toEqual({ level: 40 });
  await payload.fill('{"level": 150}');
  await dryRun.click();
  await page.getByRole('alert').getByText('CAPABILITY_MISMATCH').waitFor();
  await payload.fill('{"level": 41');
  await page.getByText('is not JSON').waitFor();
  const send = page.getByRole('button', { name: 'Send' });
  expect(await send.isDisabled()).toBe(true);
  await payload.fill('{"level": 41}');
  await send.click();
  await page.getByRole('status').getByText('succeeded').waitFor();
  await page.getByRole('region', { name: 'Result' }).getByText('"level": 41').waitFor();
  await inspect(page, 'send');
});

test('a long list draws the rows in view only', async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions: 3 });
  const { url } = await startGateway({ topic, args: rdkafka });
  const commands = Array.from({ length: 350 }, (_, index) =>
    JSON.stringify({ device_id: `lamp-${index}`, command_type: 'set_led', protocol: 'mqtt' }),
  );
  const headers = { 'content-type': 'application/x-ndjson' };
  await fetch(`${url}/v1/commands:batch`, { method: 'POST', headers, body: commands.join('\n') });
  const page = await openPage(browser);
  await page.goto(`${url}/commands?type=set_led`);
  const list = page.getByRole('region', { name: 'List of commands' });
  await page.getByRole('row').nth(20).waitFor();
  await expect
    .poll(async () => {
      await list.press('End');
      return page.getByRole('table').getAttribute('aria-rowcount');
    })
    .toBe('351');
  expect(await page.getByRole('row').count()).toBeLessThan(60);
});

test('a lost connection is shown, and comes back with what is new', async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions: 3 });
  const folder = newFolder();
  const args = [...rdkafka, '--port', String(await freeTcpPort())];
  const gateway = await startGateway({ topic, folder, args });
  const page = await openPage(browser);
  await page.goto(`${gateway.url}/commands`);
  await page.getByText('Live', { exact: true }).waitFor();
  await gateway.kill('SIGTERM');
  await page.getByText('The gateway does not answer').waitFor();
  await inspect(page, 'lost');
  const again = await startGateway({ topic, folder, args });
  await fetch(`${again.url}/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device_id: 'lamp-9', command_type: 'set_led', protocol: 'mqtt' }),
  });
  await page.getByText('The gateway does not answer').waitFor({ state: 'detached' });
  await page.getByText('lamp-9').waitFor();
});

test('a gateway with API keys asks for one, which the tab keeps', async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions: 3 });
  const { url } = await startGateway({
    topic,
    args: rdkafka,
    environment: { API_KEYS: 'operator-key' },
  });
  const page = await openPage(browser);
  await page.goto(url);
  const field = page.getByLabel('API key or token');
  await field.fill('another-key');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('the API key is unknown').waitFor();
  await inspect(page, 'key');
  await field.fill('operator-key');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Commands by state', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.evaluate(() => ({ ...localStorage }))).not.toContain('operator-key');
});

test('settings that somebody else changed meanwhile are not overwritten unknowingly', async () => {
  const world = await createConsoleWorld({ mosquitto });
  await world.wake('lamp-10');
  const change = (settings: object) =>
    fetch(`${world.url}/v1/devices/lamp-10/settings`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(settings),
    });
  await change({ led: 'on', rate: 1 });
  const page = await openPage(browser);
  await page.goto(`${world.url}/device?id=lamp-10`);
  await page.getByText('in sync').waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Desired settings').fill('{"led": "off", "rate": 2}');
  await change({ rate: 5 });
  await page.getByRole('button', { name: 'Save' }).click();
  const conflict = page.getByRole('alert');
  await conflict.getByText('Somebody else changed these settings').waitFor();
  await conflict.getByText('"rate": 5').waitFor();
  await conflict.getByText('rate', { exact: true }).waitFor();
  await inspect(page, 'conflict');
  await conflict.getByRole('button', { name: 'Apply mine to theirs' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Edit' }).waitFor();
  const desired = page.getByRole('region', { name: 'Desired' });
  await desired.getByText('"rate": 2').waitFor();
  await page.getByRole('region', { name: 'Reported' }).getByText('"rate": 2').waitFor();
  await page.getByText('in sync').waitFor();
  await inspect(page, 'device');
});

test('settings keep the digits of their numbers', async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions: 3 });
  const { url } = await startGateway({ topic, args: rdkafka });
  const serial = '"serial": 1724442618569203714';
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}/v1/devices/lamp-16/settings`, { method: 'PUT', headers, body: `{${serial}}` });
  const page = await openPage(browser);
  await page.goto(`${url}/device?id=lamp-16`);
  const desired = page.getByRole('region', { name: 'Desired' });
  await desired.getByText(serial).waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  const editor = page.getByLabel('Desired settings');
  await editor.fill((await editor.inputValue()).replace('{', '{ "rate": 21.0,'));
  await page.getByRole('button', { name: 'Save' }).click();
  await desired.getByText('"rate": 21.0').waitFor();
  await desired.getByText(serial).waitFor();
});

test('dead letters are read, tried, and sent again', async () => {
  // The gateway allows topics that the connector does not.
  const environment = { MQTT_COMMAND_TOPICS: 'devices/+/commands' };
  const world = await createConsoleWorld({ mosquitto, environment });
  const refused = { device_id: 'lamp-11', topic: 'devices/lamp-12/commands' };
  for (const request_id of ['r1', 'r2']) await world.push({ ...refused, request_id });
  const page = await openPage(browser);
  await page.goto(`${world.url}/dead-letters`);
  const rows = page.getByRole('row').filter({ hasText: 'lamp-11' });
  await rows.nth(1).waitFor();
  await rows.first().getByRole('button', { name: 'Read' }).click();
  await page.getByRole('dialog').getByText('"device_id":"lamp-11"').waitFor();
  await inspect(page, 'dead-letter');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByLabel('Select all').check();
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByText('Dry run: 2 of 2 (2 sendable)').waitFor();
  await inspect(page, 'dry-run');
  await page.getByRole('button', { name: 'Send 2 again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send 2 again' }).click();
  await page.getByText('Redrive: 2 of 2 (2 sent)').waitFor();
  await rows.filter({ hasText: 'sent again' }).nth(1).waitFor();
});

test('axe finds nothing serious on any page, wide and narrow, light and dark', async () => {
  const environment = {
    ...declareLamps('lamp-13', 'lamp-14', 'lamp-15'),
    MQTT_COMMAND_TOPICS: 'devices/+/commands',
  };
  const world = await createConsoleWorld({ mosquitto, environment });
  await world.wake('lamp-13');
  const dim = { command_type: 'dim', payload: { level: 40 } };
  await world.push({ ...dim, device_id: 'lamp-13', request_id: 'r1' });
  await world.push({ ...dim, device_id: 'lamp-14', request_id: 'r2' });
  await world.push({ ...dim, device_id: 'lamp-15', request_id: 'r3', topic: 'devices/lamp-14/commands' });
  const settings = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"rate":1}' };
  await fetch(`${world.url}/v1/devices/lamp-13/settings`, settings);
  const pages = {
    overview: { path: '/', text: 'Connectors' },
    commands: { path: '/commands', text: 'lamp-15' },
    command: { path: '/command?device=lamp-14&request=r2', text: 'waiting' },
    devices: { path: '/devices', text: 'lamp-14' },
    device: { path: '/device?id=lamp-13', text: '"rate": 1' },
    send: { path: '/send?device=lamp-13&type=dim', text: 'level' },
    'dead-letters': { path: '/dead-letters', text: 'lamp-15' },
  };
  const looks = [
    { name: 'wide', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'narrow', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  ] as const;
  for (const { name: look, ...options } of looks) {
    const page = await openPage(browser, options);
    for (const [name, { path, text }] of Object.entries(pages)) {
      await page.goto(`${world.url}${path}`);
      await page.getByText(text).first().waitFor();
      await inspect(page, `${name}-${look}`);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width, `${name} ${look}`).toBeLessThanOrEqual(options.viewport.width);
    }
  }
});
