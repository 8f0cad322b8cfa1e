import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Repository } from '../../../../engine/ports.ts';
import { toProblem } from '../../../../engine/problems.ts';
import {
  createGitRepository,
  mirrorDirectory,
  type GitRepositoryOptions,
} from '../../../../engine/providers/git/repository.ts';
import { ann, createRemote, createScratch, idle, silentLog, type Clone, publicationTo } from './scratch.ts';

let scratch: ReturnType<typeof createScratch>;
let url: string;
let owner: Clone;
let state: string;

beforeEach(() => {
  scratch = createScratch();
  ({ url, owner } = createRemote(scratch.directory));
  state = scratch.directory('state');
});
afterEach(() => scratch.remove());

function open(options: Partial<GitRepositoryOptions> = {}): Repository {
  return createGitRepository({
    name: 'homelab',
    url,
    mirrorDirectory: mirrorDirectory(state, 'homelab'),
    environments: { production: { branch: 'main' }, staging: { branch: 'staging' } },
    defaultEnvironment: 'production',
    log: silentLog,
    committer: { name: 'Sentinel', email: 'sentinel@example.org' },
    env: process.env,
    ...options,
  });
}
function publish(files: Parameters<Clone['commit']>[0], message?: string): string {
  const commit = owner.commit(files, message);
  owner.git('push', '--quiet', 'origin', 'HEAD');
  return commit;
}
const mirrorGit = (...args: readonly string[]): string =>
  execFileSync('git', ['--git-dir', mirrorDirectory(state, 'homelab'), ...args], { encoding: 'utf8' });
const resolve = (repository: Repository, revision?: string, environment = 'production') =>
  repository.resolve({ ...(revision === undefined ? {} : { revision }), environment }, idle());

test('where only the tips are wanted, nothing older is fetched', async () => {
  publish({ a: '1' });
  const tip = publish({ a: '2' });
  owner.git('tag', 'v1');
  owner.git('push', '--quiet', 'origin', 'v1', 'main:staging');
  const repository = open({ onlyTips: true });
  for (const environment of ['production', 'staging'])
    expect(await resolve(repository, undefined, environment)).toMatchObject({
      value: { commit: tip, onBranch: true },
    });
  expect((await repository.tree(tip, idle())).paths).toEqual(['a']);
  expect(mirrorGit('rev-list', '--all', '--count').trim()).toBe('1');
});

describe('resolving a revision', () => {
  test('nothing means the tip of the environment’s branch, as it is on the remote now', async () => {
    const first = publish({ a: '1' });
    const repository = open();
    expect(await resolve(repository)).toEqual({
      ok: true,
      value: { commit: first, branch: 'main', onBranch: true },
    });
    const second = publish({ a: '2' });
    expect(await resolve(repository)).toMatchObject({ value: { commit: second } });
    expect(await resolve(repository, undefined, '')).toMatchObject({
      value: { commit: second, branch: 'main' },
    });
  });

  test('a branch, an annotated tag, a short id and a full id all name a commit', async () => {
    const first = publish({ a: '1' });
    owner.git('tag', '-a', 'v1', '-m', 'first');
    owner.git('push', '--quiet', 'origin', 'v1');
    publish({ a: '2' });
    const repository = open();
    for (const name of ['v1', first, first.slice(0, 8), first.slice(0, 8).toUpperCase()])
      expect(await resolve(repository, name)).toMatchObject({ value: { commit: first, onBranch: true } });
  });

  test('a commit that is not an ancestor of the environment’s branch is not on it', async () => {
    publish({ a: '1' });
    owner.git('switch', '--quiet', '-c', 'feature/übung');
    const commit = publish({ a: '2' });
    const repository = open();
    expect(await resolve(repository, 'feature/übung')).toEqual({
      ok: true,
      value: { commit, branch: 'main', onBranch: false },
    });
    owner.git('push', '--quiet', 'origin', 'HEAD:staging');
    expect(await resolve(repository, commit, 'staging')).toMatchObject({
      value: { onBranch: true, branch: 'staging' },
    });
  });

  test('a branch named like a short id wins over the commit, as a person reading the name expects', async () => {
    publish({ a: '1' });
    owner.git('switch', '--quiet', '-c', 'deadbeef');
    const commit = publish({ a: '2' });
    expect(await resolve(open(), 'deadbeef')).toMatchObject({ value: { commit } });
  });

  test('an unknown name is a problem with the nearest name as a hint', async () => {
    publish({ a: '1' });
    const answer = await resolve(open(), 'mian');
    expect(answer).toMatchObject({
      ok: false,
      problems: [{ code: 'revision-unknown', hint: 'Did you mean “main”?' }],
    });
  });

  test('a branch of the environment that does not exist is a problem, not a crash', async () => {
    publish({ a: '1' });
    expect(await resolve(open(), undefined, 'staging')).toMatchObject({
      problems: [{ code: 'revision-unknown' }],
    });
    expect(await resolve(open(), undefined, 'nowhere')).toMatchObject({
      problems: [{ code: 'configuration-invalid' }],
    });
  });

  test.each([
    '--upload-pack=touch pwned',
    '-c',
    'main..other',
    'main^{/x}',
    'main~1',
    '@{-1}',
    ':/first',
    'main:services',
    'a b',
    '../../etc/passwd',
    'main\0',
    'main\n--exec',
    '$(touch pwned)',
    'f'.repeat(300),
  ])('a hostile revision %j is refused and runs nothing', async (revision) => {
    publish({ a: '1' });
    const answer = await resolve(open(), revision);
    expect(answer).toMatchObject({ ok: false, problems: [{ code: 'revision-unknown' }] });
    expect(existsSync('pwned')).toBe(false);
  });

  test('a commit whose branch was rewritten on the remote can still be resolved and read', async () => {
    publish({ a: '1' });
    const lost = publish({ a: '2' });
    const repository = open();
    await resolve(repository);
    owner.git('reset', '--quiet', '--hard', 'HEAD~1');
    const rewritten = owner.commit({ a: '3' });
    owner.git('push', '--quiet', '--force', 'origin', 'main');
    expect(await resolve(repository)).toMatchObject({ value: { commit: rewritten } });
    expect(await resolve(repository, lost)).toMatchObject({ value: { commit: lost, onBranch: false } });
    mirrorGit('gc', '--quiet', '--prune=never');
    expect((await repository.tree(lost, idle())).read('a')).toBe('2');
  });

  test('after a force push, what was deployed before still has its files, its name and its difference', async () => {
    const base = publish({ a: '1' });
    const lost = publish({ a: '2' }, 'feat: two');
    const repository = open();
    await resolve(repository);
    owner.git('reset', '--quiet', '--hard', base);
    const rewritten = owner.commit({ b: '1' });
    owner.git('push', '--quiet', '--force', 'origin', 'main');
    owner.git('reflog', 'expire', '--expire=now', '--all');
    await resolve(repository);
    mirrorGit('gc', '--quiet');
    expect(await repository.info(lost, idle())).toMatchObject({ id: lost, subject: 'feat: two' });
    expect(await repository.diff(lost, rewritten, idle())).toEqual([
      { status: 'modified', path: 'a' },
      { status: 'added', path: 'b' },
    ]);
  });

  describe('of a remote that is itself shallow', () => {
    const cut = (): string => {
      const shallow = join(scratch.directory('shallow'), 'remote.git');
      execFileSync('git', ['clone', '--quiet', '--bare', '--depth=1', `file://${url}`, shallow], {
        stdio: 'ignore',
      });
      return shallow;
    };

    test('every new commit is seen, and what it never had is said to be missing', async () => {
      const old = publish({ a: '1' });
      const first = publish({ a: '2' });
      const shallow = cut();
      const repository = open({ url: `file://${shallow}` });
      expect(await resolve(repository)).toMatchObject({ value: { commit: first, onBranch: true } });
      expect((await repository.tree(first, idle())).read('a')).toBe('2');
      const second = publish({ a: '3' });
      owner.git('push', '--quiet', `file://${shallow}`, 'main');
      expect(await resolve(repository)).toMatchObject({ value: { commit: second, onBranch: true } });
      expect(await repository.diff(first, second, idle())).toEqual([{ status: 'modified', path: 'a' }]);
      for (const work of [
        repository.tree(old, idle()),
        repository.info(old, idle()),
        repository.diff(old, second, idle()),
      ])
        expect(toProblem(await work.catch((error: unknown) => error))).toMatchObject({
          code: 'revision-unknown',
          message: expect.stringContaining(old.slice(0, 12)) as string,
        });
    });

    test('one that is cut again further up is still followed', async () => {
      publish({ a: '1' });
      const repository = open();
      await resolve(repository);
      publish({ a: '2' });
      const tip = publish({ a: '3' });
      const shallow = cut();
      rmSync(url, { recursive: true });
      renameSync(shallow, url);
      expect(await resolve(repository)).toMatchObject({ value: { commit: tip, onBranch: true } });
      expect((await repository.tree(tip, idle())).read('a')).toBe('3');
    });
  });

  test('a branch that disappears on the remote disappears here', async () => {
    publish({ a: '1' });
    owner.git('push', '--quiet', 'origin', 'HEAD:staging');
    const repository = open();
    expect(await resolve(repository, 'staging')).toMatchObject({ ok: true });
    owner.git('push', '--quiet', 'origin', ':staging');
    expect(await resolve(repository, 'staging')).toMatchObject({ ok: false });
  });

  test('many callers at once all see the newest commit', async () => {
    publish({ a: '1' });
    const repository = open();
    const commit = publish({ a: '2' });
    const answers = await Promise.all(Array.from({ length: 12 }, () => resolve(repository)));
    expect(answers.map((answer) => answer.ok && answer.value.commit)).toEqual(Array(12).fill(commit));
  });

  test('a file:// address works like a path', async () => {
    const commit = publish({ a: '1' });
    expect(await resolve(open({ url: `file://${url}` }))).toMatchObject({ value: { commit } });
  });
});

describe('a remote that does not answer', () => {
  test('is a problem that says what still works, and a known full id still resolves', async () => {
    const commit = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    renameSync(url, `${url}.gone`);
    const answer = await resolve(repository);
    expect(answer).toMatchObject({ ok: false, problems: [{ code: 'repository-unreachable' }] });
    expect(JSON.stringify(answer)).toContain(`main was at ${commit}`);
    expect(await resolve(repository, commit)).toMatchObject({ ok: true, value: { commit, onBranch: true } });
    expect(await repository.resolve({ environment: 'production', lastSeen: true }, idle())).toMatchObject({
      value: { commit, branch: 'main', offline: true },
    });
    expect(await resolve(repository, 'f'.repeat(40))).toMatchObject({
      problems: [{ code: 'repository-unreachable' }],
    });
    expect((await repository.tree(commit, idle())).paths).toEqual(['a']);
    expect(await repository.publish(publicationTo('main', commit), idle())).toMatchObject({
      problems: [{ code: 'repository-unreachable' }],
    });
  });

  test('comes back without a restart', async () => {
    const commit = publish({ a: '1' });
    const repository = open();
    renameSync(url, `${url}.gone`);
    expect(await resolve(repository)).toMatchObject({ ok: false });
    renameSync(`${url}.gone`, url);
    expect(await resolve(repository)).toMatchObject({ value: { commit } });
  });

  test('that accepts a connection and then says nothing runs into the time-out', async () => {
    const { server, port } = await listen();
    const repository = open({ url: `git://127.0.0.1:${port}/homelab.git`, timeoutMs: 300 });
    expect(await resolve(repository)).toMatchObject({ problems: [{ code: 'repository-unreachable' }] });
    server.close();
  });

  test('can be given up on by the person who asked, while others go on', async () => {
    const { server, port, connected } = await listen();
    const repository = open({ url: `git://127.0.0.1:${port}/homelab.git` });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = repository.resolve({ environment: 'production' }, first.signal);
    const waiting = repository.resolve({ environment: 'production' }, second.signal);
    await connected;
    second.abort();
    await expect(waiting.catch(toProblem)).resolves.toMatchObject({ code: 'cancelled' });
    first.abort();
    await expect(running.catch(toProblem)).resolves.toMatchObject({ code: 'cancelled' });
    server.close();
  });
});

describe('reading a commit', () => {
  test('every file is in the tree, and text below 1 MB can be read byte for byte', async () => {
    symlinkSync('plain.yml', join(owner.path, 'link.yml'));
    const commit = publish({
      'plain.yml': 'name: a\r\nport: 1\r\n',
      'bom.yml': '\ufeffname: b\n',
      'dienste/Grüße 日本.yml': 'ü: ✓\n',
      'empty.yml': '',
      'binary.png': Buffer.from([0x89, 0x50, 0, 1, 2]),
      'latin1.txt': Buffer.from([0x66, 0xfc, 0x72]),
      'large.txt': 'x'.repeat(1024 * 1024),
      'copy.yml': 'name: a\r\nport: 1\r\n',
    });
    const repository = open();
    await resolve(repository);
    const tree = await repository.tree(commit, idle());
    const readable = tree.paths.filter((path) => tree.read(path) !== undefined);
    expect(readable.sort()).toEqual([
      'bom.yml',
      'copy.yml',
      'dienste/Grüße 日本.yml',
      'empty.yml',
      'plain.yml',
    ]);
    const rest = tree.paths.filter((path) => tree.read(path) === undefined);
    expect(rest.sort()).toEqual(['binary.png', 'large.txt', 'latin1.txt', 'link.yml']);
    expect(tree.blob('binary.png')).toBe(owner.git('rev-parse', 'HEAD:binary.png'));
    expect(tree.read('plain.yml')).toBe('name: a\r\nport: 1\r\n');
    expect(tree.read('bom.yml')).toBe('\ufeffname: b\n');
    expect(tree.read('dienste/Grüße 日本.yml')).toBe('ü: ✓\n');
    expect(tree.read('empty.yml')).toBe('');
    expect(tree.read('large.txt')).toBeUndefined();
    expect(tree.blob('plain.yml')).toBe(owner.git('rev-parse', 'HEAD:plain.yml'));
    expect(tree.blob('plain.yml')).toBe(tree.blob('copy.yml'));
    expect(tree.revision).toBe(commit);
  });

  test('a commit nobody has is an expected problem', async () => {
    publish({ a: '1' });
    const repository = open();
    const missing = 'a'.repeat(40);
    const calls = [
      repository.tree(missing, idle()),
      repository.info(missing, idle()),
      repository.diff(missing, missing, idle()),
      repository.tree('--help', idle()),
    ].map((call) => call.catch(toProblem));
    for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ code: 'revision-unknown' });
  });

  test('info tells who, when and what', async () => {
    const commit = publish({ a: '1' }, 'first “quoted”\n\nbody');
    const repository = open();
    await resolve(repository);
    const info = await repository.info(commit, idle());
    expect(info).toMatchObject({ id: commit, author: 'Owner', subject: 'first “quoted”' });
    expect(Number.isNaN(Date.parse(info.at))).toBe(false);
  });

  test('a diff names additions, changes, deletions and renames', async () => {
    const base = publish({
      keep: '1',
      gone: '1',
      'old name': 'a long enough text\nto be recognised\n',
      change: '1',
    });
    const head = publish({
      gone: null,
      'old name': null,
      'new ñame': 'a long enough text\nto be recognised\n',
      change: '2',
      fresh: 'x',
    });
    const repository = open();
    await resolve(repository);
    expect(
      [...(await repository.diff(base, head, idle()))].sort((a, b) => a.path.localeCompare(b.path)),
    ).toEqual([
      { status: 'modified', path: 'change' },
      { status: 'added', path: 'fresh' },
      { status: 'deleted', path: 'gone' },
      { status: 'renamed', path: 'new ñame', from: 'old name' },
    ]);
    expect(await repository.diff(null, base, idle())).toHaveLength(4);
  });
});

describe('making a commit', () => {
  test('changes exactly the named files; author, committer, trailer, mode and line ends are right', async () => {
    writeFileSync(join(owner.path, 'run.sh'), '#!/bin/sh\n');
    chmodSync(join(owner.path, 'run.sh'), 0o755);
    const base = publish({ 'services/grün/a.yml': 'image: a:1\r\n', other: 'stays', gone: 'x' });
    const repository = open();
    await resolve(repository);
    const made = await repository.commit(
      {
        base,
        files: [
          { path: 'services/grün/a.yml', text: 'image: a:2\r\n' },
          { path: 'run.sh', text: '#!/bin/sh\nexit 0\n' },
          { path: 'services/new.yml', text: 'n\n' },
          { path: 'gone', text: null },
        ],
        message: 'deploy(a): 2\n\nbecause\nRequested-by: The King',
        author: ann,
      },
      idle(),
    );
    if (!made.ok) throw new Error(JSON.stringify(made));
    const commit = made.value;
    expect(await repository.diff(base, commit, idle())).toEqual([
      { status: 'deleted', path: 'gone' },
      { status: 'modified', path: 'run.sh' },
      { status: 'modified', path: 'services/grün/a.yml' },
      { status: 'added', path: 'services/new.yml' },
    ]);
    const tree = await repository.tree(commit, idle());
    expect(tree.read('services/grün/a.yml')).toBe('image: a:2\r\n');
    expect(mirrorGit('ls-tree', commit, 'run.sh')).toMatch(/^100755 /);
    expect(mirrorGit('log', '-1', '--format=%an <%ae>|%cn <%ce>', commit).trim()).toBe(
      'Ann <discord.4711@sentinel.invalid>|Sentinel <sentinel@example.org>',
    );
    expect(mirrorGit('log', '-1', '--format=%(trailers:key=Requested-by,valueonly)', commit).trim()).toBe(
      'Ann (discord:4711)',
    );
    expect(mirrorGit('rev-parse', `refs/sentinel/${commit}`).trim()).toBe(commit);
    expect(owner.git('ls-remote', 'origin')).not.toContain(commit);
    expect(
      readdirSync(mirrorDirectory(state, 'homelab')).filter((name) => name.startsWith('sentinel-index')),
    ).toEqual([]);
  });

  test('two commits at once on one base both exist and do not mix', async () => {
    const base = publish({ a: '1', b: '1' });
    const repository = open();
    await resolve(repository);
    const draft = (path: string) =>
      repository.commit({ base, files: [{ path, text: '2' }], message: path, author: ann }, idle());
    const made = await Promise.all(['a', 'b', 'c', 'd'].map(draft));
    const diffs = await Promise.all(
      made.map(async (one) =>
        one.ok ? (await repository.diff(base, one.value, idle())).map(({ path }) => path) : one,
      ),
    );
    expect(diffs).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  test('a draft survives a fetch, a garbage collection and a restart', async () => {
    const base = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    const made = await repository.commit(
      { base, files: [{ path: 'a', text: '2' }], message: 'm', author: ann },
      idle(),
    );
    if (!made.ok) throw new Error('no commit');
    publish({ a: '3' });
    await resolve(repository);
    mirrorGit('gc', '--quiet', '--prune=now');
    const again = open();
    expect(await resolve(again, made.value)).toMatchObject({
      value: { commit: made.value, onBranch: false },
    });
    expect((await again.tree(made.value, idle())).read('a')).toBe('2');
  });

  test('a change that changes nothing makes no commit', async () => {
    const base = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    expect(
      await repository.commit({ base, files: [{ path: 'a', text: '1' }], message: 'm', author: ann }, idle()),
    ).toMatchObject({ ok: false, problems: [{ code: 'nothing-to-do' }] });
  });

  test.each(['../x', '/etc/passwd', '.git/config', 'a//b', 'x/.GIT/hooks/y', '', 'link'])(
    'a path outside the plain files (%j) is refused',
    async (path) => {
      symlinkSync('a', join(owner.path, 'link'));
      const base = publish({ a: '1' });
      const repository = open();
      await resolve(repository);
      const made = await repository.commit(
        { base, files: [{ path, text: 'x' }], message: 'm', author: ann },
        idle(),
      );
      expect(made).toMatchObject({ ok: false });
    },
  );

  test('hostile names of people cannot forge headers or options', async () => {
    const base = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    const author = { id: 'discord:1\ntree 0', name: '--amend <x>\nRequested-by: root', roles: [] };
    const made = await repository.commit(
      { base, files: [{ path: 'a', text: '2' }], message: '', author },
      idle(),
    );
    if (!made.ok) throw new Error(JSON.stringify(made));
    const raw = mirrorGit('cat-file', 'commit', made.value);
    expect(raw.match(/^tree /gm)).toHaveLength(1);
    expect(raw.match(/^Requested-by:/gm)).toHaveLength(1);
  });
});

describe('pushing', () => {
  async function drafted(repository: Repository, base: string, text: string): Promise<string> {
    const made = await repository.commit(
      { base, files: [{ path: 'a', text }], message: 'm', author: ann },
      idle(),
    );
    if (!made.ok) throw new Error(JSON.stringify(made));
    return made.value;
  }

  test('moves the branch of the remote forward, and pushing again is harmless', async () => {
    const base = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    const commit = await drafted(repository, base, '2');
    expect(await repository.publish(publicationTo('main', commit), idle())).toEqual({
      ok: true,
      value: { commit, url: null },
    });
    expect(owner.git('ls-remote', 'origin', 'refs/heads/main')).toContain(commit);
    expect(await resolve(repository)).toMatchObject({ value: { commit, onBranch: true } });
    expect(await repository.publish(publicationTo('main', commit), idle())).toMatchObject({ ok: true });
    expect(mirrorGit('for-each-ref', 'refs/sentinel')).toBe('');
  });

  test('a branch that moved between the commit and the push is left alone, and the problem says who moved it', async () => {
    const base = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    const commit = await drafted(repository, base, '2');
    const theirs = publish({ a: 'theirs' }, 'mine first');
    const answer = await repository.publish(publicationTo('main', commit), idle());
    expect(answer).toMatchObject({ ok: false, problems: [{ code: 'branch-moved' }] });
    expect(JSON.stringify(answer)).toContain('mine first');
    expect(owner.git('ls-remote', 'origin', 'refs/heads/main')).toContain(theirs);
  });

  test('of two pushes at once one wins and the other is told', async () => {
    const base = publish({ a: '1' });
    const repository = open();
    await resolve(repository);
    const commits = [await drafted(repository, base, '2'), await drafted(repository, base, '3')];
    const answers = await Promise.all(
      commits.map((commit) => repository.publish(publicationTo('main', commit), idle())),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ problems: [{ code: 'branch-moved' }] });
  });

  test('a deleted branch is not brought back', async () => {
    const base = publish({ a: '1' });
    owner.git('push', '--quiet', 'origin', 'HEAD:staging');
    const repository = open();
    await resolve(repository);
    const commit = await drafted(repository, base, '2');
    owner.git('push', '--quiet', 'origin', ':staging');
    expect(await repository.publish(publicationTo('staging', commit), idle())).toMatchObject({
      problems: [{ code: 'branch-moved' }],
    });
    expect(owner.git('ls-remote', 'origin')).not.toContain('staging');
  });

  test('a server that declines is quoted, and nothing is lost', async () => {
    const base = publish({ a: '1' });
    const hook = join(url, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "You are not allowed to push to main" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const repository = open();
    await resolve(repository);
    const commit = await drafted(repository, base, '2');
    const answer = await repository.publish(publicationTo('main', commit), idle());
    expect(answer).toMatchObject({ ok: false, problems: [{ code: 'not-allowed' }] });
    expect(JSON.stringify(answer)).toContain('You are not allowed to push to main');
    expect((await repository.tree(commit, idle())).read('a')).toBe('2');
  });

  test('a working copy that has the branch checked out is told apart', async () => {
    const base = owner.commit({ a: '1' });
    const repository = open({ url: owner.path });
    await resolve(repository);
    const commit = await drafted(repository, base, '2');
    expect(await repository.publish(publicationTo('main', commit), idle())).toMatchObject({
      problems: [{ code: 'not-allowed', hint: expect.stringContaining('updateInstead') as string }],
    });
  });
});

test('settings in GIT_ variables of the surroundings do not reach git', async () => {
  const commit = publish({ a: '1' });
  const repository = open({
    env: {
      ...process.env,
      GIT_DIR: '/nowhere',
      GIT_INDEX_FILE: '/nowhere/index',
      GIT_SSH_COMMAND: 'touch pwned',
      GIT_TRACE: '/dev/stderr',
    },
  });
  expect(await resolve(repository)).toMatchObject({ value: { commit } });
  expect((await repository.tree(commit, idle())).read('a')).toBe('1');
});

/** Accepts connections and never says a word. */
async function listen(): Promise<{
  readonly server: Server;
  readonly port: number;
  readonly connected: Promise<unknown>;
}> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  const connected = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port, connected };
}
