import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wantsColor } from '../../../engine/cli/print.ts';
import { createScratch } from '../providers/git/scratch.ts';
import { definition, inventory, sentinel } from './command-line.ts';

let scratch: ReturnType<typeof createScratch>;
let directory: string;
beforeEach(() => {
  scratch = createScratch();
  directory = scratch.directory('homelab');
});
afterEach(() => scratch.remove());

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}
const broken = definition('broken', { port: 9000 }).replace('port: 9000', 'port: many');

test('a valid fleet ends with 0 and says how many services it read', async () => {
  write({ 'sentinel.yml': inventory, 'services/a.yml': definition('a') });
  expect(await sentinel(['validate'], { directory })).toEqual({
    exitCode: 0,
    out: 'valid  1 service\n',
    err: '',
  });
});

test('a problem is printed with file, line and column and an indented hint, and ends with 1', async () => {
  write({ 'sentinel.yml': inventory, 'services/broken.yml': broken });
  const { exitCode, out, err } = await sentinel(['validate'], { directory });
  expect(exitCode).toBe(1);
  const line = broken.split('\n').findIndex((text) => text.includes('many')) + 1;
  expect(out).toMatch(new RegExp(`^services/broken\\.yml:${line}:9 {2}\\S.*\\n {4}\\S`));
  expect(err).toBe('1 problem\n');
});

test('paths narrow what is shown and are relative to where the command runs', async () => {
  write({
    'sentinel.yml': inventory,
    'services/media/a.yml': definition('a'),
    'services/downloads/broken.yml': broken,
  });
  expect(await sentinel(['validate', 'services/media'], { directory })).toMatchObject({
    exitCode: 0,
    out: 'valid  1 service\n',
  });
  const below = join(directory, 'services/downloads');
  const args = ['validate', 'broken.yml', '--repository', '../..'];
  expect(await sentinel(args, { directory: below })).toMatchObject({ exitCode: 1 });
});

test('a clash with a file that was not named is shown from both sides', async () => {
  write({
    'sentinel.yml': inventory,
    'services/a.yml': definition('a'),
    'services/b.yml': definition('b'),
    'services/c.yml': definition('c', { port: 9000 }),
  });
  for (const path of ['services/a.yml', 'services/b.yml']) {
    const { exitCode, out } = await sentinel(['validate', path, '--json'], { directory });
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, problems: [{ code: 'port-clash' }] });
  }
  expect(await sentinel(['validate', 'services/c.yml'], { directory })).toMatchObject({ exitCode: 0 });
});

test('a broken inventory is shown whatever paths were asked for', async () => {
  write({ 'sentinel.yml': 'hosts: 3\n', 'services/a.yml': definition('a') });
  const { exitCode, out } = await sentinel(['validate', 'services/a.yml'], { directory });
  expect(exitCode).toBe(1);
  expect(out).toContain('sentinel.yml:1:');
});

test('a program gets JSON on standard output and nothing else', async () => {
  write({ 'sentinel.yml': inventory, 'services/a.yml': definition('a') });
  const { out, err } = await sentinel(['validate', '--json'], { directory });
  expect(JSON.parse(out)).toEqual({
    ok: true,
    services: [{ name: 'a', file: 'services/a.yml' }],
    problems: [],
    warnings: [],
  });
  expect(err).toBe('');
});

test('a system nobody named is a warning with its place and what to do, and no failure', async () => {
  const noDns = inventory.replace(/^ {2}dns:.*\n/m, '');
  const asking = `${definition('a')}notifications: { ntfy: { enabled: true } }\n`;
  const line = asking.split('\n').indexOf('dns:') + 1;
  write({ 'sentinel.yml': noDns, 'services/a.yml': asking });
  expect(await sentinel(['validate'], { directory })).toEqual({
    exitCode: 0,
    out: `warnings
services/a.yml:${line}:1  a asks for a DNS record, but sentinel.yml has no systems.dns
    Add systems.dns to sentinel.yml, or take the section out.
services/a.yml:${line + 7}:1  a asks for messages on ntfy, but sentinel.yml has no systems.ntfy
    Add systems.ntfy to sentinel.yml, or take notifications.ntfy out.
valid  1 service
`,
    err: '',
  });
  const json = await sentinel(['validate', '--json'], { directory });
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, problems: [], warnings: [{}, {}] });
});

test('secrets are required only when asked for, by name and never by value', async () => {
  const withSecret = definition('a').replace(
    'deployment:\n',
    'deployment:\n  secrets:\n    - name: ADMIN_PASSWORD\n      source: A_PASSWORD\n',
  );
  write({ 'sentinel.yml': inventory, 'services/a.yml': withSecret });
  expect(await sentinel(['validate'], { directory })).toMatchObject({ exitCode: 0 });
  const missing = await sentinel(['validate', '--check-secrets'], { directory });
  expect(missing.exitCode).toBe(1);
  expect(missing.out).toContain('A_PASSWORD has no value');
  const env = { A_PASSWORD: 'canary-secret' };
  const there = await sentinel(['validate', '--check-secrets'], { directory, env });
  expect(there.exitCode).toBe(0);
  expect(there.out + there.err).not.toContain('canary-secret');
});

test('a folder with definitions that does not exist is said, with those that do', async () => {
  write({ 'sentinel.yml': inventory, 'services/a.yml': definition('a') });
  const { exitCode, out, err } = await sentinel(['validate', '--services', 'servces'], { directory });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toContain('there is no folder servces in');
});

test('a folder without one definition is a problem, not a valid fleet', async () => {
  write({ 'sentinel.yml': inventory, 'stacks/a.yml': definition('a') });
  const { exitCode, out } = await sentinel(['validate'], { directory });
  expect(exitCode).toBe(1);
  expect(out).toContain('No service file was found in services/.');
  expect(out).toContain('--services');
  const json = await sentinel(['validate', '--json'], { directory });
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, services: [] });
});

test('definitions in another folder are found where they are said to be', async () => {
  write({ 'sentinel.yml': inventory, 'stacks/a.yml': definition('a') });
  const { out } = await sentinel(['validate', '--services', './stacks/', '--layout', 'fleet'], { directory });
  expect(out).toBe('valid  1 service\n');
});

test('nothing is left where the commit removed the last service, and that is no problem', async () => {
  const head = 'b'.repeat(40);
  const gone = { path: 'services/a.yml', name: 'a', action: 'delete' };
  const changes = { deploy: [], remove: [gone], added: 0, modified: 0, deleted: 1, total: 1, head };
  write({
    'sentinel.yml': inventory,
    'changes.json': JSON.stringify({ ...changes, mode: 'incremental' }),
  });
  const at = (commit: string) =>
    sentinel(['validate', '--layout', 'fleet', '--out', '.'], { directory, env: { CI_COMMIT_SHA: commit } });
  expect(await at(head)).toMatchObject({ exitCode: 0, out: 'valid  0 services\n' });
  expect(await at('c'.repeat(40))).toMatchObject({ exitCode: 1 });
});

test.each([
  ['an unknown option', ['validate', '--nope']],
  ['an unknown command', ['destroy']],
  ['a wrong choice', ['validate', '--layout', 'double']],
  ['a path that does not exist', ['validate', 'nowhere.yml']],
  ['a path outside the repository', ['validate', '/etc/passwd']],
  ['a repository that does not exist', ['validate', '--repository', 'nowhere']],
  ['no command', []],
])('%s ends with 2 and a sentence', async (_what, args) => {
  const { exitCode, out, err } = await sentinel(args, { directory });
  expect(exitCode).toBe(2);
  expect(out).toBe('');
  expect(err).not.toBe('');
});

test('help names the exit codes and the version is the package’s', async () => {
  for (const args of [['--help'], ['plan', '--help'], ['audit', 'verify', '--help']]) {
    const { exitCode, out } = await sentinel(args, { directory });
    expect(exitCode).toBe(0);
    expect(out).toContain('2  the command was not understood');
  }
  expect(await sentinel(['--version'], { directory })).toMatchObject({ exitCode: 0, out: '1.2.3\n' });
});

test('colours appear only on a terminal that wants them', async () => {
  expect(wantsColor({}, true)).toBe(true);
  expect(wantsColor({}, false)).toBe(false);
  expect(wantsColor({ NO_COLOR: '1' }, true)).toBe(false);
  expect(wantsColor({ NO_COLOR: '' }, true)).toBe(true);
  write({ 'sentinel.yml': inventory, 'services/a.yml': definition('a') });
  expect((await sentinel(['validate'], { directory, color: true })).out).toContain('\u001b[32mvalid');
});
