import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** Where Linux distributions, macOS and Windows have Chromium or Chrome. */
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const executablePath = BROWSERS.find(existsSync);

/** Whether there is a browser to run tests in. */
export const HAS_BROWSER = executablePath !== undefined;

/** @param more arguments of Chromium's beside those that all tests need */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: executablePath!,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', ...more],
  });
}
