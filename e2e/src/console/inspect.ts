import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Expects that axe finds nothing serious on the page as it is now. Keeps a picture in the folder of `CONSOLE_SCREENSHOTS`, if it is set. */
export async function inspect(page: Page, name: string): Promise<void> {
  const folder = process.env.CONSOLE_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
  expect(await findingsOf(page), name).toEqual([]);
}

/** Returns what axe finds, one line for each place; moderate and minor findings are left out. */
async function findingsOf(page: Page): Promise<readonly string[]> {
  // As a script of the browser, which the content security policy does not refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`));
}
