import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../data/index.ts';
import { createClock } from '../../../engine/providers/clock.ts';
import { createClone, createScratch, silentLog } from '../providers/git/scratch.ts';
import { definition, inventory } from './command-line.ts';

/* The built program, as people and CI jobs start it. */

let scratch: ReturnType<typeof createScratch>;
let program: string;

beforeAll(() => {
  scratch = createScratch();
  const built = scratch.directory('built');
  copyFileSync('package.json', join(built, 'package.json'));
  symlinkSync(resolve('node_modules'), join(built, 'node_modules'));
  const out = join(built, 'dist', 'bot');
  const bundler = resolve('node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [bundler, 'build', '--config', 'cli.config.ts', '--outDir', out]);
  program = join(out, 'cli.js');
}, 120_000);
afterAll(() => scratch.remove());

function run(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
) {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CI|SENTINEL)_?/.test(name)),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    env: { ...clean, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function fleet(name: string): string {
  const owner = createClone(scratch.directory(name));
  owner.commit({ 'sentinel.yml': inventory });
  owner.commit({ 'services/a.yml': definition('a') });
  return owner.path;
}

test('starts as a program of its own, with the version of the package', () => {
  expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(run(['--version'], { cwd: '/' })).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('validates, detects and plans in a checkout, with exit codes for the job', () => {
  const cwd = fleet('checkout');
  expect(run(['validate'], { cwd })).toEqual({ status: 0, stdout: 'valid  1 service\n', stderr: '' });
  const base = execFileSync('git', ['-C', cwd, 'rev-parse', 'HEAD~1'], { encoding: 'utf8' }).trim();
  const env = { CI_COMMIT_BEFORE_SHA: base, CI_PIPELINE_SOURCE: 'push', CI_PROJECT_DIR: cwd };
  const detected = run(['detect'], { cwd: '/', env });
  expect(JSON.parse(detected.stdout)).toMatchObject({ total: 1, mode: 'incremental' });
  expect(run(['plan', '--offline'], { cwd: '/', env })).toMatchObject({ status: 0 });
  writeFileSync(join(cwd, 'services/b.yml'), 'service: {}\n');
  expect(run(['validate'], { cwd })).toMatchObject({ status: 1 });
  expect(run(['validate', '--nope'], { cwd })).toMatchObject({ status: 2, stdout: '' });
  expect(run(['detect'], { cwd: '/' })).toMatchObject({ status: 3, stdout: '' });
});

test('a reader that stops listening is no failure', () => {
  const cwd = fleet('pipe');
  const command = `"${process.execPath}" "${program}" detect | true; echo "\${PIPESTATUS[0]}"`;
  expect(spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' }).stdout).toBe('0\n');
});

describe('the audit log', () => {
  function record(name: string): string {
    const folder = scratch.directory(name);
    mkdirSync(join(folder, 'state'));
    const file = join(folder, 'state', 'sentinel.db');
    const store = openStore({ file, clock: createClock(), log: silentLog });
    for (const action of ['proposed', 'approved', 'denied'])
      store.audit.append({ actor: { id: 'discord:1', name: 'Ann', roles: [] }, action, detail: { action } });
    store.close();
    return folder;
  }

  test('is copied with the database, checked, and never over a file', () => {
    const cwd = record('copied');
    const { status, stdout } = run(['backup', '--to', 'copy.db'], { cwd });
    const { head } = /head (?<head>[0-9a-f]{64})/.exec(stdout)?.groups ?? {};
    expect(status, stdout).toBe(0);
    const verified = run(['audit', 'verify', '--db', 'copy.db', '--head', head ?? ''], { cwd });
    expect(verified.stdout).toContain('intact  3 rows');
    expect(run(['backup', '--to', 'copy.db'], { cwd })).toMatchObject({ status: 3, stdout: '' });
    expect(run(['backup', '--db', 'none.db', '--to', 'other.db'], { cwd })).toMatchObject({ status: 2 });
    expect(run(['backup'], { cwd })).toMatchObject({ status: 2 });
  });

  test('is verified where it is usually kept, and exported as JSON Lines', () => {
    const cwd = record('intact');
    const verified = run(['audit', 'verify'], { cwd });
    expect(verified).toMatchObject({ status: 0, stderr: '' });
    expect(verified.stdout).toMatch(/^intact {2}3 rows, head [0-9a-f]{64}\n$/);
    const exported = run(['audit', 'export', '--db', 'state/sentinel.db'], { cwd: cwd });
    const rows = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(rows).toMatchObject([{ action: 'proposed' }, { action: 'approved' }, { action: 'denied' }]);
    expect(run(['audit', 'export', '--since', '2999-01-01'], { cwd }).stdout).toBe('');
    expect(run(['audit', 'export', '--since', 'yesterday'], { cwd })).toMatchObject({ status: 2 });
  });

  test('an edited row ends with 1 and is named', () => {
    const cwd = record('edited');
    const db = new Database(join(cwd, 'state', 'sentinel.db'));
    const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all();
    for (const trigger of triggers) db.exec(`DROP TRIGGER "${String(trigger)}"`);
    db.exec(`UPDATE audit SET action = 'forged' WHERE seq = 2`);
    db.close();
    const { status, stdout } = run(['audit', 'verify'], { cwd });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^broken {2}at row 2: /);
  });

  test('a missing end is noticed with a hash noted earlier', () => {
    const cwd = record('truncated');
    const head = 'f'.repeat(64);
    expect(run(['audit', 'verify', '--head', head], { cwd })).toMatchObject({ status: 1 });
  });

  test('a database that is not there is a mistake in the command', () => {
    const { status, stderr } = run(['audit', 'verify'], { cwd: scratch.directory('empty') });
    expect(status).toBe(2);
    expect(stderr).toContain('--db');
  });

  test('a file that is no database could not be read', () => {
    const cwd = scratch.directory('garbage');
    writeFileSync(join(cwd, 'x.db'), 'not a database at all, only text '.repeat(50));
    expect(run(['audit', 'verify', '--db', 'x.db'], { cwd })).toMatchObject({ status: 3, stdout: '' });
  });
});

test('a program that asked for JSON gets JSON, also where nothing could be begun', () => {
  const { status, stdout, stderr } = run(['deploy', '--json', '--yes'], { cwd: fleet('nokey') });
  expect(status).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'authentication-failed' }] });
  expect(stderr).toContain('No SSH key is configured');
});
