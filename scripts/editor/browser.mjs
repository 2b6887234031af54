// Starts the browser that shows code-server.

import { chromium } from 'playwright-core';
import { exitOnSignals } from './cleanup.mjs';
import { ensureChromium } from './install.mjs';

/** Without these, Chromium talks to servers of its maker, or fails in containers. */
const flags = [
  '--no-sandbox', // Does not work for root or in most containers, and only our own page is shown.
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A Chromium without a window, installed first if needed; it ends when this process does. */
export async function launchBrowser() {
  const executablePath = await ensureChromium();
  exitOnSignals(); // Playwright's own handlers close the browser and let the process live on.
  return chromium.launch({
    executablePath,
    headless: true,
    args: flags,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
