import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { projectFile } from '../../project-file.ts';
import { kinds, now, toGallery } from '../gallery/index.ts';
import { chromiumPath, openChromium } from '../visitor/open-chromium.ts';
import { messageShots } from './message-shots.ts';
import { takePageShots } from './page-shots.ts';
import { serve } from './serve.ts';
import { shrink } from './shrink.ts';
import { take } from './take.ts';

const chromium = chromiumPath(process.env['CHROMIUM']);
if (chromium === null) throw new Error('There is no chromium here; install it, or name it in $CHROMIUM.');
const served = await serve(projectFile('dist/lab/page/client'), await toGallery(kinds));
const browser = await openChromium(chromium);
const counted = { pictures: 0, bytes: 0 };

async function keep(file: string, png: Buffer): Promise<void> {
  const path = join(projectFile('docs/pictures'), file);
  await mkdir(dirname(path), { recursive: true });
  const smaller = shrink(png);
  await writeFile(path, smaller);
  counted.pictures += 1;
  counted.bytes += smaller.byteLength;
}

try {
  await take(messageShots, { browser, origin: served.origin, now: Date.parse(now) }, keep);
  await takePageShots(browser, keep);
} finally {
  await browser.close();
  await served.close();
}
console.log(`${counted.pictures} pictures, ${(counted.bytes / 1_000_000).toFixed(1)} MB, in docs/pictures`);
