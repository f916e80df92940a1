import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestTopic } from '@preservarium/dev-services';
import { chromium, type Page } from 'playwright-core';
import { type Benchmark, emptyResult } from '../benchmark.js';
import { startGateway } from '../gateway/start-servers.js';
import { spreadOf } from '../spread.js';
import { fillStore } from './fill-store.js';

const commandCount = 1_000_000;
const pageCount = 100;

/** Collects how long the page takes between two frames. In the page, where TypeScript has no types. */
const collectFrames = `
  globalThis.frames = [];
  let last = performance.now();
  requestAnimationFrame(function next(now) {
    frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  });`;

/** The list of commands of the console on a store of 1,000,000 commands: how fast pages come, and how smoothly the list moves. */
export const consoleList: Benchmark = {
  name: 'console',
  async run({ kafka, quick, commands = quick ? 20_000 : commandCount, say }) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-console-'));
    const path = join(folder, 'commands.sqlite');
    try {
      await fillStore(path, commands, say);
      const topic = await createTestTopic(kafka.settings, { partitions: 3 });
      await using gateway = await startGateway({ brokers: kafka.brokers, topic, storePath: path });
      const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-dev-shm-usage'],
      });
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        const startedAtMs = performance.now();
        await page.goto(`${gateway.url}/commands`);
        await page.getByRole('row').nth(20).waitFor();
        const firstPageMs = performance.now() - startedAtMs;
        return { ...emptyResult, ...(await scroll(page, quick ? 5 : pageCount, firstPageMs)) };
      } finally {
        await browser.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function scroll(page: Page, pages: number, firstPageMs: number) {
  const list = page.getByRole('region', { name: 'List of commands' });
  await page.evaluate(collectFrames);
  const pageMs: number[] = [];
  let drawn = 0;
  for (let index = 1; index <= pages; index++) {
    const startedAtMs = performance.now();
    const answered = page.waitForResponse((response) => response.url().includes('cursor='));
    await list.press('End');
    await answered;
    pageMs.push(performance.now() - startedAtMs);
    drawn = Math.max(drawn, await page.getByRole('row').count());
  }
  const frames = await page.evaluate<number[]>('frames.sort((one, other) => one - other)');
  const figure = (name: string, unit: 'p50 ms' | 'p99 ms', values: readonly number[]) => ({
    name,
    unit,
    spread: spreadOf([quantile(values, unit === 'p50 ms' ? 0.5 : 0.99)]),
  });
  return {
    notes: [
      `the first page was there after ${firstPageMs.toFixed(0)} ms`,
      `${pages} pages further down, at most ${drawn} rows are drawn`,
    ],
    figures: [
      figure('the next page of commands', 'p50 ms', pageMs),
      figure('the next page of commands', 'p99 ms', pageMs),
      figure('from frame to frame', 'p50 ms', frames),
      figure('from frame to frame', 'p99 ms', frames),
    ],
    measurements: [{ firstPageMs, pageMs, drawn, longestFrameMs: frames.at(-1) }],
    failures: drawn > 100 ? [`${drawn} rows are drawn at once`] : [],
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
