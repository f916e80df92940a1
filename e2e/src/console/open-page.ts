import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

export interface OpenPageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

/** Opens a page in a browser context of its own. Errors, and what the content security policy refuses, fail the test. */
export async function openPage(browser: Browser, options: OpenPageOptions = {}): Promise<Page> {
  const { viewport = { width: 1280, height: 800 }, colorScheme = 'light' } = options;
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Chromium says this of each answer that is an error, also of those that are expected.
    if (!message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
    expect(hosts.size).toBe(1);
  });
  return page;
}
