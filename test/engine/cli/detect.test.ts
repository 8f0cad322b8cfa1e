import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
const changes = (out: string): unknown => JSON.parse(out);

describe('sentinel detect', () => {
  test('where the file is written for programs, people get a line for each service', async () => {
    const base = owner.commit({ [metube]: definition('metube') });
    owner.commit({ [metube]: null, 'services/a.yml': definition('a') });
    const out = scratch.directory('handed-on');
    const answer = await sentinel(['detect', '--base', base, '--out', out], { directory: owner.path });
    expect(answer.out).toBe(`add     a  services/a.yml\ndelete  metube  ${metube}\n2 services\n`);
    expect(changes(readFileSync(join(out, 'changes.json'), 'utf8'))).toMatchObject({ total: 2 });
  });

  describe('in a job whose clone is shallow', () => {
    const job = { CI: 'true', CI_PIPELINE_SOURCE: 'push' };
    const shallowClone = (from: string): string => {
      const path = join(scratch.directory('job'), 'clone');
      execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${from}`, path], { stdio: 'ignore' });
      return path;
    };

    test('the base is fetched, so that what was removed is found', async () => {
      const base = owner.commit({ [metube]: definition('metube'), 'services/a.yml': definition('a') });
      owner.commit({ 'README.md': 'between' });
      owner.commit({ [metube]: null });
      const env = { ...job, CI_COMMIT_BEFORE_SHA: base };
      const { out, err } = await sentinel(['detect'], { directory: shallowClone(owner.path), env });
      expect(changes(out)).toMatchObject({ mode: 'incremental', base, deleted: 1, total: 1 });
      expect(err).toBe('');
    });

    test('a base the branch was rewritten away from is fetched too, while the server has it', async () => {
      owner.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
      owner.commit({ 'services/a.yml': definition('a') });
      const lost = owner.commit({ [metube]: definition('metube') });
      owner.git('reset', '--quiet', '--hard', 'HEAD~1');
      owner.commit({ 'services/b.yml': definition('b') });
      const env = { ...job, CI_COMMIT_BEFORE_SHA: lost };
      const { out } = await sentinel(['detect'], { directory: shallowClone(owner.path), env });
      expect(changes(out)).toMatchObject({ mode: 'incremental', added: 1, deleted: 1 });
    });

    test('a base nobody has any more leads to every service, with the reason and the setting', async () => {
      owner.commit({ 'services/a.yml': definition('a') });
      const clone = shallowClone(owner.path);
      for (const remote of [owner.path, '/nowhere']) {
        execFileSync('git', ['-C', clone, 'remote', 'set-url', 'origin', `file://${remote}`]);
        const env = { ...job, CI_COMMIT_BEFORE_SHA: 'a'.repeat(40) };
        const { exitCode, out, err } = await sentinel(['detect'], { directory: clone, env });
        expect(exitCode).toBe(0);
        expect(changes(out)).toMatchObject({ mode: 'full', total: 1 });
        expect(err).toMatch(/Every service is looked at: commit aaaaaaaa .*\n +\S/);
      }
    });

    test('a person’s clone is never fetched into', async () => {
      const base = owner.commit({ 'services/a.yml': definition('a') });
      owner.commit({ [metube]: definition('metube') });
      const clone = shallowClone(owner.path);
      const { out, err } = await sentinel(['detect', '--base', base], { directory: clone });
      expect(changes(out)).toMatchObject({ mode: 'full' });
      expect(err).toContain('GIT_DEPTH');
    });
  });

  test('a merge commit is compared as a whole with what the branch was before', async () => {
    const base = owner.commit({ [metube]: definition('metube'), 'services/old.yml': definition('old') });
    owner.git('switch', '--quiet', '-c', 'feature');
    owner.commit({ 'services/a.yml': definition('a'), 'services/old.yml': null });
    owner.git('switch', '--quiet', 'main');
    const meanwhile = owner.commit({ 'services/b.yml': definition('b') });
    owner.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'feature');
    const at = async (before: string) => {
      const env = { CI_COMMIT_BEFORE_SHA: before, CI_PIPELINE_SOURCE: 'push' };
      return changes((await sentinel(['detect'], { directory: owner.path, env })).out);
    };
    expect(await at(meanwhile)).toMatchObject({ mode: 'incremental', added: 1, deleted: 1, total: 2 });
    expect(await at(base)).toMatchObject({ mode: 'incremental', added: 2, deleted: 1, total: 3 });
  });

  test('the first pipeline of a new branch looks at everything and says why', async () => {
    owner.commit({ [metube]: definition('metube') });
    owner.commit({ 'services/a.yml': definition('a') });
    const env = { CI: 'true', CI_COMMIT_BEFORE_SHA: '0'.repeat(40), CI_PIPELINE_SOURCE: 'push' };
    const { out, err } = await sentinel(['detect'], { directory: owner.path, env });
    expect(changes(out)).toMatchObject({ mode: 'full', total: 2 });
    expect(err).toContain('there was no commit before on this branch');
  });

  describe('with a folder for each environment', () => {
    const folder = (environment: string) => `environments/${environment}/services/media/metube.yml`;
    const at = async (base: string, environment: string, args: readonly string[] = ['detect']) => {
      const env = { SENTINEL_ENVIRONMENT: environment, CI_COMMIT_BEFORE_SHA: base };
      return changes((await sentinel(args, { directory: owner.path, env })).out);
    };

    test('a change in one of them concerns only that one', async () => {
      const text = definition('metube');
      const base = owner.commit({ [folder('staging')]: text, [folder('production')]: text });
      owner.commit({ [folder('staging')]: definition('metube', { image: 'x:2' }) });
      expect(await at(base, 'staging')).toMatchObject({
        deploy: [{ name: 'metube', path: folder('staging'), action: 'modify' }],
      });
      expect(await at(base, 'production')).toMatchObject({ total: 0, mode: 'incremental' });
      const named = await at(base, 'staging', ['detect', '--environment', 'production']);
      expect(named).toMatchObject({ total: 0 });
    });

    test('its own sentinel.yml concerns only its services, the shared one those without', async () => {
      const text = definition('metube');
      const own = 'environments/staging/sentinel.yml';
      const files = { [folder('staging')]: text, [folder('production')]: text, 'sentinel.yml': inventory };
      const base = owner.commit({ ...files, [own]: inventory });
      const second = owner.commit({ [own]: `${inventory}# more\n` });
      expect(await at(base, 'staging')).toMatchObject({ mode: 'full', total: 1 });
      expect(await at(base, 'production')).toMatchObject({ total: 0 });
      const third = owner.commit({ 'sentinel.yml': `${inventory}# more\n` });
      expect(await at(second, 'staging')).toMatchObject({ total: 0 });
      expect(await at(second, 'production')).toMatchObject({ mode: 'full', total: 1 });
      owner.commit({ [own]: null });
      expect(await at(third, 'staging')).toMatchObject({ mode: 'full', total: 1 });
    });

    test('what goes away with its whole folder is removed', async () => {
      const text = definition('metube');
      const base = owner.commit({ [folder('production')]: text, [folder('staging')]: text });
      const second = owner.commit({ [folder('staging')]: null });
      const remove = (environment: string) => [{ name: 'metube', path: folder(environment) }];
      expect(await at(base, 'staging')).toMatchObject({ deploy: [], remove: remove('staging') });
      expect(await at(base, 'production')).toMatchObject({ total: 0 });
      owner.commit({ [folder('production')]: null, 'README.md': 'nothing left' });
      expect(await at(second, 'production')).toMatchObject({ deploy: [], remove: remove('production') });
    });

    test('one compose file beside them concerns every environment that has none of its own', async () => {
      const single = definition('grafana');
      const base = owner.commit({
        'environments/production/service.yml': single,
        'environments/staging/service.yml': single,
        'environments/staging/config/docker-compose.yml': 'services: {}\n',
        'config/docker-compose.yml': 'services: {}\n',
      });
      owner.commit({ 'config/docker-compose.yml': 'services: {a: {}}\n' });
      expect(await at(base, 'production')).toMatchObject({
        deploy: [{ name: 'grafana', path: 'environments/production/service.yml' }],
      });
      expect(await at(base, 'staging')).toMatchObject({ total: 0 });
    });
  });
});
