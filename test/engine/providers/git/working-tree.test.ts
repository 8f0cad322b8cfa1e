import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckout } from '../../../../engine/providers/git/checkout.ts';
import { createGit } from '../../../../engine/providers/git/git.ts';
import { readTree } from '../../../../engine/providers/git/read-tree.ts';
import { createWorkingTree } from '../../../../engine/providers/git/working-tree.ts';
import { toProblem } from '../../../../engine/problems.ts';
import { createClone, createScratch, idle } from './scratch.ts';

let scratch: ReturnType<typeof createScratch>;
beforeEach(() => {
  scratch = createScratch();
});
afterEach(() => scratch.remove());

test('holds what is tracked or new, as it is on disk, nothing ignored or deleted; only text can be read', async () => {
  const { path, commit, git } = createClone(scratch.directory('owner'));
  commit({ '.gitignore': 'secret.env\n', 'a.yml': 'a: 1\r\n', 'gone.yml': 'x', 'dir/ü.yml': 'u' });
  writeFileSync(join(path, 'a.yml'), 'a: 2\r\n');
  writeFileSync(join(path, 'new.yml'), 'n');
  writeFileSync(join(path, 'secret.env'), 'PASSWORD=x');
  writeFileSync(join(path, 'picture.png'), Buffer.from([0, 1]));
  symlinkSync('/etc/passwd', join(path, 'link.yml'));
  rmSync(join(path, 'gone.yml'));
  const tree = await createWorkingTree(path, { signal: idle(), env: process.env });
  expect(tree.paths).toEqual(['.gitignore', 'a.yml', 'dir/ü.yml', 'link.yml', 'new.yml', 'picture.png']);
  expect(tree.read('picture.png')).toBeUndefined();
  expect(tree.read('a.yml')).toBe('a: 2\r\n');
  expect(tree.read('link.yml')).toBeUndefined();
  expect(tree.read('../owner/a.yml')).toBeUndefined();
  git('add', 'link.yml');
  expect(tree.blob('link.yml')).toBe(git('rev-parse', ':link.yml'));
  expect(tree.blob('a.yml')).toBe(git('hash-object', '--no-filters', 'a.yml'));
});

test('a folder inside a repository has paths of its own', async () => {
  const { path, commit } = createClone(scratch.directory('owner'));
  commit({ 'homelab/services/a.yml': 'a', 'other/b.yml': 'b' });
  expect(
    (await createWorkingTree(join(path, 'homelab'), { signal: idle(), env: process.env })).paths,
  ).toEqual(['services/a.yml']);
});

test('works in a folder that Git knows nothing about', async () => {
  const path = scratch.directory('plain');
  mkdirSync(join(path, 'services/media'), { recursive: true });
  mkdirSync(join(path, 'node_modules/x'), { recursive: true });
  writeFileSync(join(path, 'services/media/a.yml'), 'a');
  writeFileSync(join(path, 'node_modules/x/b.yml'), 'b');
  expect((await createWorkingTree(path, { signal: idle(), env: process.env })).paths).toEqual([
    'services/media/a.yml',
  ]);
  expect(await openCheckout(path, { signal: idle(), env: process.env }).catch(toProblem)).toMatchObject({
    code: 'repository-unreachable',
  });
});

test('knows programs by their mode, on disk and in a commit', async () => {
  const { path, commit, git } = createClone(scratch.directory('owner'));
  commit({ 'hook.sh': '#!/bin/sh\n', 'plain.txt': 'x' });
  chmodSync(join(path, 'hook.sh'), 0o755);
  const onDisk = await createWorkingTree(path, { signal: idle(), env: process.env });
  expect(['hook.sh', 'plain.txt', 'nowhere'].map((one) => onDisk.executable(one))).toEqual([
    true,
    false,
    false,
  ]);
  git('commit', '--quiet', '--all', '-m', 'a program');
  const kept = await readTree(
    createGit({ place: ['-C', path], env: process.env }),
    git('rev-parse', 'HEAD'),
    idle(),
  );
  expect(['hook.sh', 'plain.txt', 'nowhere'].map((one) => kept.executable(one))).toEqual([
    true,
    false,
    false,
  ]);
});
