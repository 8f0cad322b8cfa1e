import { writeFileSync } from 'node:fs';
import { projectFile } from '../project-file.ts';
import { pages } from './pages.ts';

/* Writes the pages of docs/ that are made from the code. */

for (const [file, text] of Object.entries(await pages())) {
  writeFileSync(projectFile(file), text);
  process.stdout.write(`${file}\n`);
}
