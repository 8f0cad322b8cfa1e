import type { Browser, Page } from 'playwright-core';
import type { Shot } from './shot.ts';

/** Where and when the pictures are taken. */
export interface Studio {
  readonly browser: Browser;
  readonly origin: string;
  /** What the browser's clock says. */
  readonly now: number;
}

/** Takes each shot and hands it on; shots of one look share a page. */
export async function take(
  shots: readonly Shot[],
  studio: Studio,
  keep: (file: string, png: Buffer) => Promise<void>,
): Promise<void> {
  const lookOf = ({ theme, width, path }: Shot): string => `${theme} ${width} ${path}`;
  for (const look of new Set(shots.map(lookOf))) {
    const [first, ...rest] = shots.filter((shot) => lookOf(shot) === look);
    if (first === undefined) continue;
    const page = await open(first, studio);
    for (const shot of [first, ...rest]) {
      await shot.prepare?.(page);
      await keep(shot.file, await page.locator(shot.selector).screenshot({ animations: 'disabled' }));
    }
    await page.context().close();
  }
}

async function open({ theme, width, path }: Shot, { browser, origin, now }: Studio): Promise<Page> {
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, deviceScaleFactor: 2, colorScheme: theme },
    ...{ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(now);
  const address = new URL(path, origin);
  address.searchParams.set('theme', theme);
  await page.goto(address.href);
  await page.locator('body[data-ready]').waitFor();
  return page;
}
