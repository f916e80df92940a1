import { createTestTopic, freeTcpPort, type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newFolder, startGateway } from '../../apps/gateway/test/start-gateway.js';
import { createConsoleWorld } from '../src/console/console-world.js';
import { openBrowser } from '../src/console/open-browser.js';
import { openPage, takePicture } from '../src/console/open-page.js';
import { sharedKafka } from '../src/shared-kafka.js';

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
  await takePicture(page, 'commands');
  await row.getByRole('link', { name: 'set_led' }).click();
  await page.getByRole('heading', { name: 'set_led for lamp-7', level: 1 }).waitFor();
  await page.getByRole('status').getByText('waiting').waitFor();
  await page.getByText('Next attempt').waitFor();
  await takePicture(page, 'waiting');
  await world.wake('lamp-7');
  await page.getByRole('status').getByText('succeeded').waitFor();
  await page.getByText('the device reported the result').waitFor();
  await page.getByRole('region', { name: 'Result' }).getByText('applied').waitFor();
  await takePicture(page, 'succeeded');
});

test('a command is written, tried without sending, sent, and answered', async () => {
  const world = await createConsoleWorld({ mosquitto });
  await world.wake('lamp-8');
  const page = await openPage(browser);
  await page.goto(`${world.url}/send?device=lamp-8`);
  const send = page.getByRole('button', { name: 'Send' });
  await page.getByLabel('Command type').fill('set_led');
  await page.getByLabel('Payload').fill('{"on": true');
  await page.getByText('is not JSON').waitFor();
  expect(await send.isDisabled()).toBe(true);
  await page.getByLabel('Payload').fill('{"level": 1.0}');
  await page.getByLabel('Protocol').fill('smoke');
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByRole('alert').getByText('protocol').waitFor();
  await page.getByLabel('Protocol').fill('mqtt');
  await page.getByLabel('Required evidence').selectOption('executed');
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByText('Nothing was sent.').waitFor();
  await send.click();
  await page.getByRole('status').getByText('succeeded').waitFor();
  await page.getByRole('region', { name: 'Result' }).getByText('level').waitFor();
  await takePicture(page, 'send');
});

test('a lost connection is shown, and comes back with what is new', async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions: 3 });
  const folder = newFolder();
  const args = ['--port', String(await freeTcpPort())];
  const gateway = await startGateway({ topic, folder, args });
  const page = await openPage(browser);
  await page.goto(`${gateway.url}/commands`);
  await page.getByText('Live', { exact: true }).waitFor();
  await gateway.kill('SIGTERM');
  await page.getByText('The gateway does not answer').waitFor();
  await takePicture(page, 'lost');
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
  const { url } = await startGateway({ topic, environment: { API_KEYS: 'operator-key' } });
  const page = await openPage(browser);
  await page.goto(url);
  const field = page.getByLabel('API key or token');
  await field.fill('another-key');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('the API key is unknown').waitFor();
  await takePicture(page, 'key');
  await field.fill('operator-key');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Dead letters', { exact: true }).last().waitFor();
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.evaluate(() => ({ ...localStorage }))).not.toContain('operator-key');
});
