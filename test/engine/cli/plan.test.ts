import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseChangesFile } from '../../../schema/index.ts';
import { createClone, createScratch, type Clone } from '../providers/git/scratch.ts';
import { definition, inventory, sentinel } from './command-line.ts';

let scratch: ReturnType<typeof createScratch>;
let owner: Clone;
beforeEach(() => {
  scratch = createScratch();
  owner = createClone(scratch.directory('owner'));
});
afterEach(() => scratch.remove());

const metube = 'services/downloads/metube.yml';
describe('sentinel plan', () => {
  test('prints the text pipelines already show, word for word', async () => {
    const base = owner.commit({ 'sentinel.yml': inventory });
    owner.commit({ [metube]: definition('metube') });
    const { exitCode, out, err } = await sentinel(['plan', '--base', base], { directory: owner.path });
    expect(out).toBe(`=== DEPLOYMENT PLAN ===

Service: services/downloads/metube.yml
  Name: metube
  Host: docker-media
  Port: 8082
  Image: ghcr.io/alexta69/metube:latest
  Traefik: enabled
  DNS: enabled
  Authentik: enabled
  Glance: enabled

=== END PLAN ===
`);
    expect(err).toContain('no host was asked');
    expect(exitCode).toBe(0);
  });

  test('shows removals, and says so when nothing changes', async () => {
    const base = owner.commit({ 'sentinel.yml': inventory, [metube]: definition('metube') });
    const head = owner.commit({ [metube]: null });
    const gone = await sentinel(['plan', '--base', base], { directory: owner.path });
    expect(gone.out).toContain('Service: services/downloads/metube.yml\n  Name: metube\n  Action: remove\n');
    const nothing = await sentinel(['plan', '--base', head], { directory: owner.path });
    expect(nothing.out).toContain('No service changes.');
  });

  test('reads what to compare from the CI job, and writes the files the next jobs read', async () => {
    const base = owner.commit({ 'sentinel.yml': inventory });
    const head = owner.commit({ [metube]: definition('metube') });
    owner.commit({ 'services/later.yml': definition('later', { port: 9000 }) });
    const env = {
      CI_PROJECT_DIR: owner.path,
      CI_COMMIT_BEFORE_SHA: base,
      CI_COMMIT_SHA: head,
      CI_PIPELINE_SOURCE: 'push',
    };
    const elsewhere = scratch.directory('elsewhere');
    const { exitCode } = await sentinel(['plan', '--out', 'artifacts'], { directory: elsewhere, env });
    expect(exitCode).toBe(0);
    const folder = join(elsewhere, 'artifacts');
    expect(readdirSync(folder).sort()).toEqual(['changes.json', 'plan.txt', 'preview.json', 'sentinel.env']);
    const changes = parseChangesFile(readFileSync(join(folder, 'changes.json'), 'utf8'), 'changes.json');
    expect(changes).toMatchObject({ ok: true, value: { total: 1, mode: 'incremental', base, head } });
    expect(readFileSync(join(folder, 'plan.txt'), 'utf8')).toContain('Name: metube');
  });

  test('stops at a definition that is wrong, with its place, and plans nothing', async () => {
    const base = owner.commit({ 'sentinel.yml': inventory });
    owner.commit({ [metube]: definition('metube').replace('port: 8082', 'port: many') });
    const { exitCode, out, err } = await sentinel(['plan', '--base', base], { directory: owner.path });
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^services\/downloads\/metube\.yml:\d+:\d+ {2}\S/);
    expect(err).toContain('nothing was planned');
  });
});

describe('sentinel detect', () => {
  const changes = (out: string): unknown => JSON.parse(out);

  test.each([
    ['push', 'incremental'],
    ['web', 'full'],
    ['schedule', 'full'],
  ])('a pipeline started by %s is %s', async (source, mode) => {
    const base = owner.commit({ [metube]: definition('metube') });
    owner.commit({ 'services/a.yml': definition('a') });
    const env = { CI_COMMIT_BEFORE_SHA: base, CI_PIPELINE_SOURCE: source };
    const { out } = await sentinel(['detect'], { directory: owner.path, env });
    expect(changes(out)).toMatchObject({ mode });
  });

  test('a merge request is compared with where it branched off', async () => {
    const base = owner.commit({ [metube]: definition('metube') });
    owner.commit({ 'services/a.yml': definition('a') });
    const env = {
      CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
      CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
      CI_PIPELINE_SOURCE: 'merge_request_event',
    };
    const { out } = await sentinel(['detect'], { directory: owner.path, env });
    expect(changes(out)).toMatchObject({ mode: 'incremental', total: 1, added: 1 });
  });

  test('a branch, a tag or a short id can be named as the base', async () => {
    const base = owner.commit({ [metube]: definition('metube') });
    owner.git('tag', 'v1');
    owner.commit({ 'services/a.yml': definition('a') });
    for (const name of ['v1', base.slice(0, 9)]) {
      const { out } = await sentinel(['detect', '--base', name], { directory: owner.path });
      expect(changes(out)).toMatchObject({ base, total: 1 });
    }
  });

  test('without anything to compare with it looks at everything and says why on standard error', async () => {
    owner.commit({ [metube]: definition('metube') });
    const { out, err } = await sentinel(['detect'], { directory: owner.path });
    expect(changes(out)).toMatchObject({ mode: 'full', total: 1 });
    expect(err).toContain('no earlier commit was named');
  });

  test.each(['--output=pwned', 'main..HEAD', 'HEAD~1'])(
    'a hostile base %j could not run, and nothing ran',
    async (base) => {
      owner.commit({ [metube]: definition('metube') });
      const { exitCode, err } = await sentinel(['detect', `--base=${base}`], { directory: owner.path });
      expect(exitCode).toBe(3);
      expect(err).toContain('cannot be the name of');
      expect(readdirSync(owner.path).sort()).toEqual(['.git', 'services']);
    },
  );

  test.each(['HEAD~1', 'HEAD^', '@~1', 'main~1'])('compares with %s as git itself would', async (base) => {
    owner.commit({ 'sentinel.yml': inventory, 'services/a.yml': definition('a') });
    owner.commit({ [metube]: definition('metube', { port: 9000 }) });
    const { exitCode, out } = await sentinel(['detect', '--base', base], { directory: owner.path });
    expect(exitCode).toBe(0);
    expect(parseChangesFile(out, 'changes.json')).toMatchObject({
      ok: true,
      value: { total: 1, deploy: [{ name: 'metube' }] },
    });
  });

  test.each(['HEAD~9', '--all', 'HEAD..HEAD', 'no such thing'])(
    'does not take %s for a commit',
    async (base) => {
      owner.commit({ 'sentinel.yml': inventory });
      const { exitCode, err } = await sentinel(['detect', `--base=${base}`], { directory: owner.path });
      expect(exitCode).toBe(3);
      expect(err).toContain('revision-unknown');
    },
  );

  test('in a folder that is no repository says so, and what works without one', async () => {
    const { exitCode, err } = await sentinel(['plan'], { directory: scratch.directory('plain') });
    expect(exitCode).toBe(3);
    expect(err).toContain('plain is not a Git repository');
    expect(err).toContain('validate');
  });
});
