import { createTestTopic } from '@preservarium/dev-services';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../../apps/gateway/test/start-gateway.js';
import { openBrowser } from '../src/console/open-browser.js';
import { sharedKafka } from '../src/shared-kafka.js';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

test('a command that was pushed is in the list', async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions: 3 });
  const { url } = await startGateway({ topic });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`${url}/commands`);
  await fetch(`${url}/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device_id: 'lamp-7', command_type: 'set_led', protocol: 'mqtt' }),
  });
  await page.reload();
  await page.getByText('lamp-7').waitFor();
  expect(complaints).toEqual([]);
});
