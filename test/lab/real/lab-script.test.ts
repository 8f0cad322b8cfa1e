import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLabScript } from '../../../lab/real/lab-script.ts';

/** More than the kernel gives, so that no process ever has it. */
const nobody = 4_194_305;

test('a host that died before its start time was read does not keep a lab from being taken down', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-lab-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'lab');
  mkdirSync(join(directory, 'pids'), { recursive: true });
  writeFileSync(join(directory, 'pids/h1'), `${nobody} \n`);
  await createLabScript(directory).down();
  expect(existsSync(directory)).toBe(false);
});
