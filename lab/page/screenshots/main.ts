import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { projectFile } from '../../project-file.ts';
import { kinds, now, toGallery } from '../gallery/index.ts';
import { messageShots } from './message-shots.ts';
import { serve } from './serve.ts';
import { shrink } from './shrink.ts';
import { take } from './take.ts';

const served = await serve(projectFile('dist/lab/page/client'), await toGallery(kinds));
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  // Chromium’s sandbox does not work for root; elsewhere it stays.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
let size = 0;
try {
  await take(messageShots, { browser, origin: served.origin, now: Date.parse(now) }, async (file, png) => {
    const path = join(projectFile('docs/pictures'), file);
    await mkdir(dirname(path), { recursive: true });
    const smaller = shrink(png);
    await writeFile(path, smaller);
    size += smaller.byteLength;
  });
} finally {
  await browser.close();
  await served.close();
}
console.log(`${messageShots.length} pictures, ${(size / 1_000_000).toFixed(1)} MB, in docs/pictures`);
