import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { openLab } from './support.ts';

const path = 'services/media/jellyfin.yml';
const bumped = 'name: jellyfin\nimage: jellyfin:10.10\n';
const message = (text: string) => ({ message: text });

test('a commit through the API has the author it was given, and its push starts a pipeline', async () => {
  const { client, project } = await openLab();
  const before = await project.head();
  const commit = await client().Commits.create(
    project.path,
    'main',
    'feat: bump\n\nSentinel-Request: p-1',
    [{ action: 'update', filePath: path, content: bumped }],
    { authorName: 'Ana', authorEmail: 'ana@home.example' },
  );
  expect(commit).toMatchObject({ parent_ids: [before], title: 'feat: bump', author_name: 'Ana' });
  expect(commit).toMatchObject({
    committer_name: 'Maya Maintainer',
    trailers: { 'Sentinel-Request': 'p-1' },
  });
  expect(await project.head()).toBe(commit.id);
  expect(await project.read(path)).toBe(bumped);
  const found = await eventually(async () => {
    const [first] = await client().Pipelines.all(project.id, { sha: commit.id });
    return first;
  });
  expect(found).toMatchObject({ sha: commit.id, source: 'push', ref: 'main', status: 'running' });
});

describe('the optimistic lock', () => {
  test('a file that changed since is not overwritten, and nothing else of that commit lands', async () => {
    const { client, project, ask, users } = await openLab();
    const { last_commit_id: seen } = await client().RepositoryFiles.show(project.path, path, 'main');
    await project.push({ by: users.dev, files: { [path]: bumped }, message: 'fix: mine first' });
    const head = await project.head();
    const actions = [
      { action: 'create', file_path: 'new.txt', content: 'new' },
      { action: 'update', file_path: path, content: 'theirs', last_commit_id: seen },
    ];
    const { status, body } = await ask('POST /repository/commits', {
      ...{ branch: 'main', commit_message: 'feat: late', actions },
    });
    expect(status).toBe(400);
    expect(body).toEqual(message(`The file has changed since you started editing it: ${path}`));
    expect(await project.head()).toBe(head);
  });

  test('is about the file, not about the branch', async () => {
    const { client, project, users } = await openLab();
    const { last_commit_id: seen } = await client().RepositoryFiles.show(project.path, path, 'main');
    await project.push({ by: users.dev, files: { 'README.md': 'other' }, message: 'docs: other' });
    await client().Commits.create(project.path, 'main', 'feat: bump', [
      { action: 'update', filePath: path, content: bumped, lastCommitId: seen },
    ]);
    expect(await project.log()).toEqual([
      'feat: bump — Maya Maintainer',
      'docs: other — Dev Eloper',
      'feat: begin — Olivia Owner',
    ]);
  });
});

test.each([
  [{ action: 'create', file_path: path, content: '' }, 'A file with this name already exists'],
  [{ action: 'update', file_path: 'nowhere', content: '' }, "A file with this name doesn't exist"],
  [{ action: 'delete', file_path: 'nowhere' }, "A file with this name doesn't exist"],
])('$0.action of $0.file_path is refused in GitLab’s words', async (action, text) => {
  const { ask } = await openLab();
  const commit = { branch: 'main', commit_message: 'x', actions: [action] };
  expect(await ask('POST /repository/commits', commit)).toMatchObject({ status: 400, body: message(text) });
});

test('all five kinds of action land in one commit', async () => {
  const { client, project } = await openLab();
  await client().Commits.create(project.id, 'main', 'refactor: much', [
    { action: 'move', filePath: 'services/jellyfin.yml', previousPath: path },
    { action: 'delete', filePath: 'README.md' },
    {
      action: 'create',
      filePath: 'logo.bin',
      content: Buffer.from([0, 255, 10]).toString('base64'),
      encoding: 'base64',
    },
    { action: 'create', filePath: 'run.sh', content: '#!/bin/sh\n' },
    { action: 'chmod', filePath: 'run.sh', execute_filemode: true },
  ]);
  const tree = await client().Repositories.allRepositoryTrees(project.id, { recursive: true });
  expect(tree.filter(({ type }) => type === 'blob').map(({ path: each, mode }) => `${mode} ${each}`)).toEqual(
    ['100644 .gitlab-ci.yml', '100644 logo.bin', '100755 run.sh', '100644 services/jellyfin.yml'],
  );
  const logo = await client().RepositoryFiles.show(project.id, 'logo.bin', 'main');
  expect(Buffer.from(logo.content, 'base64')).toEqual(Buffer.from([0, 255, 10]));
});

describe('where a commit goes', () => {
  const actions = [{ action: 'update', file_path: path, content: bumped }];

  test('a new branch from a commit, and never over a branch that is there', async () => {
    const { ask, project } = await openLab();
    const start_sha = await project.head();
    const commit = { branch: 'sentinel/p-1', start_sha, commit_message: 'feat: bump', actions };
    expect(await ask('POST /repository/commits', commit)).toMatchObject({
      status: 201,
      body: { parent_ids: [start_sha] },
    });
    const text =
      "A branch called 'sentinel/p-1' already exists. Switch to that branch in order to make changes";
    expect(await ask('POST /repository/commits', commit)).toMatchObject({ status: 400, body: message(text) });
    expect((await ask('POST /repository/commits', { ...commit, force: true })).status).toBe(201);
    expect(await project.head()).toBe(start_sha);
  });

  test('not to a branch that is not there, and not to a protected one as a developer', async () => {
    const { ask, project } = await openLab();
    const commit = { commit_message: 'feat: bump', actions };
    expect(await ask('POST /repository/commits', { ...commit, branch: 'nowhere' })).toMatchObject({
      ...{ status: 400, body: message('You can only create or edit files when you are on a branch') },
    });
    project.protectBranch('main');
    expect(await ask('POST /repository/commits', { ...commit, branch: 'main' }, 'dev')).toMatchObject({
      ...{ status: 403, body: message('403 Forbidden - You are not allowed to push into this branch') },
    });
    expect((await ask('POST /repository/commits', { ...commit, branch: 'main' })).status).toBe(201);
  });
});

describe('reverting', () => {
  test('makes a commit that undoes one, also below newer ones', async () => {
    const { client, project, users } = await openLab();
    const old = await project.read(path);
    const sha = await project.push({ by: users.dev, files: { [path]: bumped }, message: 'feat: bump' });
    await project.push({ by: users.dev, files: { 'README.md': 'x' }, message: 'docs: x' });
    expect(await client().Commits.revert(project.id, sha, 'main', { dryRun: true })).toEqual({
      dry_run: 'success',
    });
    const made = await client().Commits.revert(project.id, sha, 'main');
    expect(made).toMatchObject({ title: 'Revert "feat: bump"' });
    expect(await project.read(path)).toBe(old);
    expect(await project.read('README.md')).toBe('x');
  });

  test('is refused with its reason when there is a conflict or nothing left to undo', async () => {
    const { ask, project, users } = await openLab();
    const sha = await project.push({ by: users.dev, files: { [path]: bumped }, message: 'feat: bump' });
    await project.push({ by: users.dev, files: { [path]: 'name: other\n' }, message: 'feat: other' });
    const revert = () => ask(`POST /repository/commits/${sha}/revert`, { branch: 'main' });
    expect(await revert()).toMatchObject({ status: 400, body: { error_code: 'conflict' } });
    await project.push({
      by: users.dev,
      files: { [path]: 'name: jellyfin\nimage: jellyfin:10.9\n' },
      message: 'fix: back',
    });
    expect(await revert()).toMatchObject({ status: 400, body: { error_code: 'empty' } });
  });
});

describe('looking', () => {
  test('a file tells which commit touched it last, in the body and on HEAD', async () => {
    const { client, project, users, ask } = await openLab();
    const touched = await project.push({ by: users.dev, files: { [path]: bumped }, message: 'feat: bump' });
    const head = await project.push({ by: users.dev, files: { 'README.md': 'x' }, message: 'docs: x' });
    const file = await client().RepositoryFiles.show(project.id, path, 'main');
    expect(file).toMatchObject({ commit_id: head, last_commit_id: touched, encoding: 'base64' });
    const { headers } = await ask(`HEAD /repository/files/${encodeURIComponent(path)}?ref=main`);
    expect(headers.get('x-gitlab-last-commit-id')).toBe(touched);
    expect((await ask(`GET /repository/files/${encodeURIComponent(path)}/raw?ref=${touched}`)).body).toBe(
      bumped,
    );
  });

  test('commits of one file, what lies between two, and what a commit did', async () => {
    const { client, project, users } = await openLab();
    const first = await project.head();
    const bump = await project.push({ by: users.dev, files: { [path]: bumped }, message: 'feat: bump' });
    const last = await project.push({ by: users.dev, files: { 'README.md': 'x' }, message: 'docs: x' });
    const commits = await client().Commits.all(project.id, { path, refName: 'main' });
    expect(commits.map(({ id }) => id)).toEqual([bump, first]);
    const { commits: between, diffs } = await client().Repositories.compare(project.id, first, last);
    expect(between?.map(({ id }) => id)).toEqual([bump, last]);
    expect(diffs?.map(({ new_path }) => new_path).toSorted()).toEqual(['README.md', path]);
    expect(await client().Commits.show(project.id, bump)).toMatchObject({
      stats: { additions: 1, deletions: 1 },
    });
  });
});

describe('git over HTTP', () => {
  const git = (cwd: string, ...args: string[]) =>
    execa('git', args, {
      cwd,
      reject: false,
      env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' },
    });

  test('a person clones and pushes, and a pipeline follows', async () => {
    const { project, tokens, directory, client } = await openLab();
    expect((await git(directory, 'clone', '--quiet', project.cloneUrl(tokens.dev), 'mine')).exitCode).toBe(0);
    const who = ['-c', 'user.name=Dev', '-c', 'user.email=dev@home.example'];
    await git(`${directory}/mine`, ...who, 'commit', '--quiet', '--allow-empty', '-m', 'feat: mine');
    expect((await git(`${directory}/mine`, 'push', '--quiet')).exitCode).toBe(0);
    const sha = await project.head();
    expect(await project.log()).toContain('feat: mine — Dev');
    const [found] = await eventually(async () => {
      const all = await client().Pipelines.all(project.id, { sha });
      return all.length > 0 && all;
    });
    expect(await client().Pipelines.show(project.id, found!.id)).toMatchObject({ user: { username: 'dev' } });
    project.protectBranch('main');
    await git(`${directory}/mine`, ...who, 'commit', '--quiet', '--allow-empty', '-m', 'feat: more');
    expect((await git(`${directory}/mine`, 'push')).stderr).toContain(
      'not allowed to push code to protected branches',
    );
    expect(await project.head()).toBe(sha);
  });

  test('nobody gets in without a good token', async () => {
    const { project, tokens, directory } = await openLab();
    const stderr = async (token?: string) =>
      (await git(directory, 'ls-remote', project.cloneUrl(token))).stderr;
    expect(await stderr('glpat-wrong')).toContain('Authentication failed');
    expect(await stderr(tokens.stranger)).toContain('not found');
    expect(await stderr(tokens.rae)).toBe('');
  });
});
