import { describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { openLab } from './support.ts';

const path = 'services/media/jellyfin.yml';
const image = (tag: string) => ({ [path]: `name: jellyfin\nimage: jellyfin:${tag}\n` });

async function openRequest(options: Parameters<typeof openLab>[0] = {}) {
  const opened = await openLab(options);
  const { project, client, users } = opened;
  const head = await project.push({
    by: users.dev,
    branch: 'bump',
    files: image('10.10'),
    message: 'feat: bump',
  });
  const made = await client('dev').MergeRequests.create(project.id, 'bump', 'main', 'feat: bump', {
    ...{ description: 'the plan', labels: 'sentinel,deploy', removeSourceBranch: true },
  });
  const request = `/merge_requests/${made.iid}`;
  const status = async () => {
    const { detailed_merge_status } = await client().MergeRequests.show(project.id, made.iid);
    return detailed_merge_status as string;
  };
  const settled = () =>
    eventually(async () => {
      const now = await status();
      return now !== 'unchecked' && now !== 'checking' && now;
    });
  return { ...opened, head, made, request, status, settled };
}

test('whether it can be merged is found out after somebody looked; merging before is refused', async () => {
  const { made, status, settled, ask, request } = await openRequest();
  expect(made).toMatchObject({
    state: 'opened',
    detailed_merge_status: 'unchecked',
    labels: ['sentinel', 'deploy'],
  });
  expect(await status()).toBe('checking');
  expect(await ask(`PUT ${request}/merge`)).toMatchObject({
    ...{ status: 405, body: { message: '405 Method Not Allowed' } },
  });
  expect(await settled()).toBe('mergeable');
});

test('merging makes a merge commit by the person who merged, removes the branch and starts a pipeline', async () => {
  const { project, client, made, settled, head, ask, request } = await openRequest();
  const main = await project.head();
  await settled();
  const merged = await client().MergeRequests.merge(project.id, made.iid, {
    sha: head,
    shouldRemoveSourceBranch: true,
  });
  expect(merged).toMatchObject({ state: 'merged', merge_commit_sha: await project.head() });
  const commit = await client().Commits.show(project.id, await project.head());
  expect(commit).toMatchObject({ parent_ids: [main, head], author_name: 'Maya Maintainer' });
  expect(commit.message).toBe(
    "Merge branch 'bump' into 'main'\n\nfeat: bump\n\nSee merge request homelab/services!1",
  );
  expect(await project.read(path)).toContain('10.10');
  expect((await ask('GET /repository/branches/bump')).status).toBe(404);
  expect((await ask(`PUT ${request}/merge`)).status).toBe(405);
  await eventually(async () => {
    const all = await client().Pipelines.all(project.id, { sha: commit.id });
    return all.length === 1;
  });
});

test('a project that wants it gets a fast-forward, and a squash is one commit', async () => {
  const { project, client, made, settled, head } = await openRequest();
  project.state.mergeMethod = 'ff';
  await settled();
  await client().MergeRequests.merge(project.id, made.iid, {});
  expect(await project.head()).toBe(head);
  const other = await openRequest();
  await other.settled();
  const squashed = await other.client().MergeRequests.merge(other.project.id, 1, { squash: true });
  expect(squashed.squash_commit_sha).not.toBe(other.head);
  expect(await other.project.log()).toHaveLength(3);
});

describe('merging is refused', () => {
  test('with 409 when the branch moved past the commit that was looked at', async () => {
    const { project, ask, request, settled, head, users } = await openRequest();
    const newer = await project.push({
      by: users.dev,
      branch: 'bump',
      files: image('11'),
      message: 'feat: more',
    });
    await settled();
    expect(await ask(`PUT ${request}/merge`, { sha: head })).toMatchObject({
      ...{ status: 409, body: { message: `SHA does not match HEAD of source branch: ${newer}` } },
    });
  });

  test('with 422 when there is a conflict', async () => {
    const { project, ask, request, settled, users } = await openRequest();
    await project.push({ by: users.maya, files: image('9'), message: 'fix: older' });
    expect(await settled()).toBe('conflict');
    expect(await ask(`PUT ${request}/merge`)).toMatchObject({
      ...{ status: 422, body: { message: 'Branch cannot be merged' } },
    });
  });

  test('with 401 to who may not, and 405 to a draft, a closed one and one that waits for its pipeline', async () => {
    const { project, client, made, ask, request, settled, ci } = await openRequest();
    project.protectBranch('main');
    await settled();
    expect((await ask(`PUT ${request}/merge`, {}, 'dev')).status).toBe(401);
    project.state.onlyMergeIfPipelineSucceeds = true;
    await eventually(() => ci.pipelines().length > 0);
    expect(await settled()).toBe('ci_still_running');
    expect((await ask(`PUT ${request}/merge`)).status).toBe(405);
    await client().MergeRequests.edit(project.id, made.iid, { title: 'Draft: bump' });
    expect(await settled()).toBe('draft_status');
    expect((await ask(`PUT ${request}/merge`)).status).toBe(405);
    await client().MergeRequests.edit(project.id, made.iid, { stateEvent: 'close' });
    expect(await settled()).toBe('not_open');
    expect((await ask(`PUT ${request}/merge`)).status).toBe(405);
  });
});

test('auto-merge is armed by a running pipeline and merges when it succeeds; a push disarms it', async () => {
  const { project, client, made, settled, ci, head, users } = await openRequest();
  await eventually(() => ci.pipelines().some(({ commit }) => commit === head));
  await settled();
  const armed = await client().MergeRequests.merge(project.id, made.iid, { autoMerge: true });
  expect(armed).toMatchObject({ state: 'opened', merge_when_pipeline_succeeds: true });
  const newer = await project.push({
    by: users.dev,
    branch: 'bump',
    files: image('11'),
    message: 'feat: more',
  });
  expect(await client().MergeRequests.show(project.id, made.iid)).toMatchObject({
    merge_when_pipeline_succeeds: false,
  });
  await eventually(() => ci.pipelines().some(({ commit }) => commit === newer));
  await settled();
  await client().MergeRequests.merge(project.id, made.iid, { autoMerge: true });
  ci.become('deploy', 'success', 'success');
  await eventually(async () => (await client().MergeRequests.show(project.id, made.iid)).state === 'merged');
});

test('auto-merge without a pipeline is refused', async () => {
  const opened = await openRequest();
  const { project, ask, request, settled, users } = opened;
  project.state.pipelineDelay = 'never';
  await project.push({ by: users.dev, branch: 'bump', files: image('11'), message: 'feat: more' });
  await settled();
  expect((await ask(`PUT ${request}/merge`, { auto_merge: true })).status).toBe(405);
});

test('a second request of the same branch is refused with the number of the first', async () => {
  const { ask, request } = await openRequest();
  const again = { source_branch: 'bump', target_branch: 'main', title: 'again' };
  expect(await ask('POST /merge_requests', again)).toMatchObject({
    status: 409,
    body: { message: ['Another open merge request already exists for this source branch: !1'] },
  });
  await ask(`PUT ${request}`, { state_event: 'close' });
  expect((await ask('POST /merge_requests', again)).status).toBe(201);
});

test('approvals are counted, and a push takes them back', async () => {
  const { project, client, made, settled, users, ask, request, head } = await openRequest();
  project.state.approvalsRequired = 1;
  expect(await settled()).toBe('not_approved');
  expect((await ask(`POST ${request}/approve`, { sha: '0'.repeat(40) })).status).toBe(409);
  expect((await ask(`POST ${request}/approve`, {}, 'rae')).status).toBe(401);
  await client().MergeRequestApprovals.approve(project.id, made.iid, { sha: head });
  expect((await ask(`POST ${request}/approve`)).status).toBe(401);
  expect(await settled()).toBe('mergeable');
  await project.push({ by: users.dev, branch: 'bump', files: image('11'), message: 'feat: more' });
  expect(await settled()).toBe('not_approved');
});

test('requests are found by branch and text, and can be talked about', async () => {
  const { client, project, made } = await openRequest();
  await client().MergeRequestNotes.create(project.id, made.iid, 'Withdrawn.');
  const [note] = await client().MergeRequestNotes.all(project.id, made.iid);
  expect(note).toMatchObject({ body: 'Withdrawn.', author: { username: 'maya' } });
  const found = await client().MergeRequests.all({
    ...{ projectId: project.id, sourceBranch: 'bump', state: 'opened', search: 'the plan' },
  });
  expect(found).toMatchObject([
    { iid: made.iid, web_url: expect.stringContaining('/-/merge_requests/1') as string },
  ]);
  expect(await client().MergeRequests.all({ projectId: project.id, sourceBranch: 'other' })).toEqual([]);
});
