import { type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { createConsoleWorld } from '../src/console/console-world.js';
import { openBrowser } from '../src/console/open-browser.js';
import { openPage, takePicture } from '../src/console/open-page.js';

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
