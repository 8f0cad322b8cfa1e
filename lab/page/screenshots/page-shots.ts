import type { Browser } from 'playwright-core';
import { openLab } from '../../demo/open-lab.ts';
import { startPage } from '../start-page.ts';
import { createVisitor, type Visitor } from '../visitor/visitor.ts';
import { tellPageStory, type Look } from './page-story.ts';

/** Opens the demo, plays a story in it and hands on a picture of each of the page's main states. */
export async function takePageShots(
  browser: Browser,
  keep: (file: string, png: Buffer) => Promise<void>,
): Promise<void> {
  const lab = await startPage({ open: openLab, port: 0 });
  const visit = async ({ width = 1440, height = 900, colours = 'dark' }: Look = {}): Promise<Visitor> => {
    const context = await browser.newContext({
      ...{ viewport: { width, height }, deviceScaleFactor: width < 500 ? 2 : 1, colorScheme: colours },
      ...{ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
    });
    return createVisitor(await context.newPage(), lab.url);
  };
  try {
    await tellPageStory({
      visit,
      keep: async (name, visitor) => keep(fileOf(name), await pictureOf(visitor)),
    });
  } finally {
    await lab.close();
  }
}

/** Below `docs/pictures`; what the README begins with is above. */
function fileOf(name: string): string {
  return name === 'picture' ? '../picture.png' : `page/${name}.png`;
}

/** Once everything stands where it stays. */
async function pictureOf({ page }: Visitor): Promise<Buffer> {
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))',
  );
  return page.screenshot({ animations: 'disabled', caret: 'hide' });
}
