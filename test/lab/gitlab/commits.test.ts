import { expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { openLab } from './support.ts';

const path = 'services/media/jellyfin.yml';
const bumped = 'name: jellyfin\nimage: jellyfin:10.10\n';

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
  expect(body).toEqual({ message: `The file has changed since you started editing it: ${path}` });
  expect(await project.head()).toBe(head);
});

test('the lock is about the file, not about the branch', async () => {
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
