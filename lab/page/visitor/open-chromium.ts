import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where the browser is: the place that is named, or Debian’s; null when nothing is there. */
export function chromiumPath(named: string | undefined): string | null {
  const path = named ?? '/usr/bin/chromium';
  return existsSync(path) ? path : null;
}

/** Chromium without a window. */
export function openChromium(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    // Chromium’s sandbox does not work for root; elsewhere it stays.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
