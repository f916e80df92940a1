import { type Browser, chromium } from 'playwright-core';

/** Starts Chromium: that of `CHROMIUM`, or Debian's. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // The sandbox needs rights that containers seldom have, and the pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}
