import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { build } from 'vite';
import { openHouse, type ExampleHouse } from '../../../../lab/demo/open-house.ts';
import { labOf } from '../../../../lab/demo/open-lab.ts';
import { startPage, type Page as LabPage } from '../../../../lab/page/start-page.ts';
import { chromiumPath, openChromium } from '../../../../lab/page/visitor/open-chromium.ts';
import { createVisitor, type Visitor } from '../../../../lab/page/visitor/visitor.ts';

/** The demo in a browser. */
export interface Stage {
  readonly lab: LabPage;
  /** What the page shows, of this life. */
  readonly house: () => ExampleHouse;
  readonly browser: Browser;
  /** Opens the page in a browser of its own, without what another one remembers. */
  visit(options?: BrowserContextOptions): Promise<Visitor>;
  /** Everything the pages asked for so far. */
  readonly asked: readonly string[];
  /** What went wrong in the pages. */
  readonly complaints: readonly string[];
  readonly logged: readonly string[];
  close(): Promise<void>;
}

export const browserAt = chromiumPath(process.env['CHROMIUM']);
/** Stands in the name of the tests that are skipped. */
export const without =
  browserAt === null ? ' (skipped: no chromium is installed, and $CHROMIUM names none)' : '';

/** The page is built as it is now, into a folder of its own. */
export async function openStage(): Promise<Stage> {
  if (browserAt === null) throw new Error('there is no browser');
  const client = await mkdtemp(join(tmpdir(), 'sentinel-client-'));
  await build({
    configFile: join(import.meta.dirname, '../../../../lab/page/client/vite.config.ts'),
    build: { outDir: client },
  });
  const [asked, complaints, logged]: [string[], string[], string[]] = [[], [], []];
  let house: ExampleHouse | null = null;
  // Pipelines have their own tests, and cost much.
  const open = async () => labOf((house = await openHouse({ pipeline: false })));
  const log = (text: string): void => void logged.push(text);
  const [lab, browser] = await Promise.all([
    startPage({ open, port: 0, client, log }),
    openChromium(browserAt),
  ]);
  return {
    ...{ lab, browser, asked, complaints, logged },
    house() {
      if (house === null) throw new Error('no house was opened');
      return house;
    },
    async visit(options = {}) {
      const context = await browser.newContext({
        ...{ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', colorScheme: 'dark' },
        ...options,
      });
      context.on('request', (request) => asked.push(request.url()));
      context.on('weberror', (error) => complaints.push(error.error().message));
      return createVisitor(await context.newPage(), lab.url);
    },
    async close() {
      await browser.close();
      await lab.close().catch(() => undefined); // one test ends it
      await rm(client, { recursive: true });
    },
  };
}
