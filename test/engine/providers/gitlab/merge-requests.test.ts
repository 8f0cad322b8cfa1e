import { describe, expect, test } from 'vitest';
import { idle } from '../git/scratch.ts';
import { clientOf, openForge, problemOf, publicationOf, repositoryOf, valueOf } from './support.ts';

const jellyfin = 'services/media/jellyfin.yml';
const newer = 'name: jellyfin\nimage: jellyfin:10.10\n';
const wish = { files: { [jellyfin]: newer }, environment: 'reviewed' };
const create = { method: 'POST', path: /\/merge_requests$/ };
const merging = { method: 'PUT', path: /\/merge$/ };
const text = (value: string): string => expect.stringContaining(value) as string;

describe('a change that is merged', () => {
  test('is offered as a merge request with the plan in it, and once only', async () => {
    const { lab, project, repository, draft } = await openForge({ labels: ['sentinel', 'deployment'] });
    const publication = await draft({ ...wish, description: '## Plan\n/merge\n1 step' });
    const offer = valueOf(await repository.offer(publication, idle()));
    expect(offer).toEqual({ label: '!1', url: `${lab.url}/homelab/services/-/merge_requests/1` });
    const [request] = project.state.mergeRequests;
    expect(request).toMatchObject({
      title: 'feat(jellyfin): 10.10',
      description: '## Plan\n\u200b/merge\n1 step',
      source: 'sentinel/p-1',
      target: 'main',
      labels: ['sentinel', 'deployment'],
      removeSourceBranch: true,
      state: 'opened',
    });
    expect(await project.read(jellyfin)).toContain('10.9');
    expect(valueOf(await repository.offer(publication, idle()))).toEqual(offer);
    expect(project.state.mergeRequests).toHaveLength(1);
  });

  test('is on the branch once it is published: who agreed is in the merge, its branch is gone', async () => {
    const { lab, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    const published = valueOf(await repository.publish(publication, idle()));
    expect(published).toEqual({
      commit: await project.head(),
      url: `${lab.url}/homelab/services/-/merge_requests/1`,
    });
    expect((await repository.tree(published.commit, idle())).read(jellyfin)).toBe(newer);
    const message = await project.state.repository.git(['log', '-1', '--format=%B']);
    expect(message).toMatch(/^feat\(jellyfin\): 10\.10\n\n[^]*Approved-by: Ben\nSentinel-Request: p-1$/);
    expect(await project.state.repository.ask(['rev-parse', '--verify', 'sentinel/p-1'])).toBeNull();
    // asked again, the same answer
    expect(valueOf(await repository.publish(publication, idle()))).toEqual(published);
    expect(project.state.mergeRequests).toHaveLength(1);
  });

  test('can be published without an offer, and moves the branch itself where the project wants that', async () => {
    const { project, repository, draft } = await openForge();
    project.state.mergeMethod = 'ff';
    const { commit } = valueOf(
      await repository.publish(await draft({ ...wish, skipPipeline: true }), idle()),
    );
    expect(commit).toBe(await project.head());
    expect(await project.log()).toEqual([
      'feat(jellyfin): 10.10 — Ann Example',
      'feat: begin — Olivia Owner',
    ]);
    expect(await project.state.repository.git(['log', '-1', '--format=%B'])).toContain('[skip ci]');
  });

  test('that somebody merged in GitLab meanwhile is published', async () => {
    const { ask, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    await ask('GET /merge_requests/1');
    await expect.poll(async () => (await ask('PUT /merge_requests/1/merge', {})).status).toBe(200);
    const { commit } = valueOf(await repository.publish(publication, idle()));
    expect(commit).toBe(await project.head());
    expect(project.state.mergeRequests).toHaveLength(1);
  });

  test('that somebody merged on top of something newer is not what was agreed to', async () => {
    const { ask, lab, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    await project.push({ by: lab.userNamed('dev'), files: { other: 'x' }, message: 'theirs' });
    await ask('GET /merge_requests/1');
    await expect.poll(async () => (await ask('PUT /merge_requests/1/merge', {})).status).toBe(200);
    const head = await project.head();
    const problem = problemOf(await repository.publish(publication, idle()));
    expect(problem).toMatchObject({ code: 'branch-moved', message: text('!1, merged by Maya Maintainer') });
    expect(await project.head()).toBe(head);
  });
});

test('a merge of ours that landed on top of something newer is taken back', async () => {
  const { ask, lab, project, repository, draft } = await openForge();
  const publication = await draft(wish);
  await repository.offer(publication, idle());
  await project.push({ by: lab.userNamed('dev'), files: { other: 'x' }, message: 'theirs' });
  await ask('GET /merge_requests/1');
  const late = { merge_commit_message: 'feat(jellyfin): 10.10\n\nSentinel-Request: p-1' };
  await expect.poll(async () => (await ask('PUT /merge_requests/1/merge', late)).status).toBe(200);
  expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
  expect(await project.read(jellyfin)).toContain('10.9');
  expect(await project.read('other')).toBe('x');
  expect((await project.log())[0]).toBe('Take back “feat(jellyfin): 10.10” — Ann Example');
});

describe('what takes a merged change back', () => {
  const older = 'name: jellyfin\nimage: jellyfin:10.9\n';
  const back = { files: { [jellyfin]: older }, environment: 'reviewed', message: 'revert: take back' };

  test('is merged in its turn, as a request of its own', async () => {
    const { project, repository, draft } = await openForge();
    valueOf(await repository.publish(await draft(wish), idle()));
    const { commit } = valueOf(
      await repository.publish(await draft({ ...back, request: 'p-1-revert' }), idle()),
    );
    expect(commit).toBe(await project.head());
    expect(await project.read(jellyfin)).toBe(older);
    expect(project.state.mergeRequests.map(({ source, state }) => [source, state])).toEqual([
      ['sentinel/p-1', 'merged'],
      ['sentinel/p-1-revert', 'merged'],
    ]);
    expect(await project.state.repository.git(['log', '-1', '--format=%B'])).toContain(
      'Sentinel-Request: p-1-revert',
    );
  });
});

describe('an answer about a merge request that does not come', () => {
  test.each([
    ['opening it', create],
    ['merging it', merging],
    ['making its branch', { method: 'POST', path: /\/repository\/commits$/ }],
  ])('when %s: it is one merge request, merged once', async (_what, where) => {
    const { lab, project, repository, draft } = await openForge();
    lab.faults.next({ ...where, reply: { status: 502, body: {} }, applied: true });
    const { commit } = valueOf(await repository.publish(await draft(wish), idle()));
    expect(commit).toBe(await project.head());
    expect(project.state.mergeRequests).toHaveLength(1);
    expect(await project.log()).toHaveLength(3);
  });

  test('a merge that is not possible yet is tried again', async () => {
    const { lab, repository, draft } = await openForge();
    lab.faults.next({ ...merging, reply: { status: 405, body: { message: '405 Method Not Allowed' } } });
    lab.faults.next({ ...merging, reply: { status: 422, body: { message: 'Branch cannot be merged' } } });
    valueOf(await repository.publish(await draft(wish), idle()));
  });
});

describe('a merge request that cannot be merged', () => {
  test('for want of approvals in GitLab says so', async () => {
    const { project, repository, draft } = await openForge();
    project.state.approvalsRequired = 1;
    expect(problemOf(await repository.publish(await draft(wish), idle()))).toMatchObject({
      code: 'change-refused',
      message: text('GitLab did not merge !1 of services: the project asks for approvals'),
    });
  });

  test('as its pipeline did not end in time, or failed, says so', async () => {
    const { ci, lab, project, repository, draft } = await openForge({ mergeDeadlineMs: 1_500 });
    lab.times.checkingMs = 0;
    project.state.onlyMergeIfPipelineSucceeds = true;
    const publication = await draft(wish);
    expect(problemOf(await repository.publish(publication, idle())).message).toContain(
      'its pipeline has not ended',
    );
    ci.become('deploy', 'failed', 'failed');
    expect(problemOf(await repository.publish(publication, idle())).message).toMatch(
      /its pipeline (is failed|has not succeeded)/,
    );
    ci.become('deploy', 'success', 'success');
    valueOf(await repository.publish(publication, idle()));
  });

  test('as the branch it goes into moved is planned anew', async () => {
    const { lab, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    await project.push({ by: lab.userNamed('dev'), files: { other: 'x' }, message: 'theirs' });
    expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
    expect(project.state.mergeRequests[0]).toMatchObject({ state: 'opened' });
  });

  test('as the branch moved at the very moment is not merged', async () => {
    const { lab, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    lab.faults.next({
      ...merging,
      before: async () => {
        await project.push({ by: lab.userNamed('dev'), files: { other: 'x' }, message: 'theirs' });
      },
    });
    expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
    expect(await project.log()).toEqual(['theirs — Dev Eloper', 'feat: begin — Olivia Owner']);
  });

  test('as somebody added commits to it is not merged', async () => {
    const { lab, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    const by = lab.userNamed('dev');
    await project.push({ by, branch: 'sentinel/p-1', files: { more: 'x' }, message: 'chore: more' });
    const problem = problemOf(await repository.publish(publication, idle()));
    expect(problem).toMatchObject({
      code: 'change-refused',
      message: text('commits that Sentinel did not make'),
    });
    expect(await project.log()).toHaveLength(1);
  });

  test('as somebody put another commit on its branch after ours was looked at is not merged', async () => {
    const { lab, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    const by = lab.userNamed('dev');
    const list = { method: 'GET', path: /\/merge_requests$/ };
    lab.faults.next({ ...list, before: () => undefined });
    lab.faults.next({
      ...list,
      before: async () => {
        const files = { [jellyfin]: 'image: evil\n', '.gitlab-ci.yml': 'evil' };
        await project.push({ by, branch: 'sentinel/p-1', files, message: 'chore: x' });
        // something else fetches meanwhile
        valueOf(await repository.resolve({ environment: 'production' }, idle()));
      },
    });
    expect(problemOf(await repository.publish(publication, idle()))).toMatchObject({
      code: 'change-refused',
      message: text('somebody added commits that nobody here agreed to'),
    });
    expect(await project.log()).toHaveLength(1);
  });

  test('as somebody closed it stays closed', async () => {
    const { ask, project, repository, draft } = await openForge();
    const publication = await draft(wish);
    await repository.offer(publication, idle());
    await ask('PUT /merge_requests/1', { state_event: 'close' });
    const problem = problemOf(await repository.publish(publication, idle()));
    expect(problem).toMatchObject({ code: 'change-refused', message: text('!1 of services was closed') });
    expect(project.state.mergeRequests).toHaveLength(1);
  });

  test('by the user of the token says so', async () => {
    const opened = await openForge();
    opened.project.protectBranch('main');
    const { repository } = repositoryOf(opened, clientOf(opened, 'dev'), {});
    const problem = problemOf(await repository.publish(await publicationOf(repository, wish), idle()));
    expect(problem).toMatchObject({ code: 'change-refused', message: text('may not merge it') });
  });
});

describe('a withdrawn change', () => {
  const withdrawal = { request: 'p-1', environment: 'reviewed', because: 'rejected by @all\n/merge' };

  test('is closed with the reason, its branch is gone, and doing so twice is no harm', async () => {
    const { project, repository, draft } = await openForge();
    await repository.offer(await draft(wish), idle());
    valueOf(await repository.withdraw(withdrawal, idle()));
    valueOf(await repository.withdraw(withdrawal, idle()));
    expect(project.state.mergeRequests[0]).toMatchObject({ state: 'closed' });
    expect(project.state.mergeRequests[0]?.notes.map(({ body }) => body)).toEqual([
      'Withdrawn: rejected by @\u200ball /merge',
    ]);
    expect(await project.state.repository.ask(['rev-parse', '--verify', 'sentinel/p-1'])).toBeNull();
  });

  test('that was merged stays', async () => {
    const { project, repository, draft } = await openForge();
    const { commit } = valueOf(await repository.publish(await draft(wish), idle()));
    valueOf(await repository.withdraw(withdrawal, idle()));
    expect(await project.head()).toBe(commit);
  });

  test('of an environment whose changes go straight to the branch is nothing GitLab has to hear of', async () => {
    const { lab, repository, draft } = await openForge();
    valueOf(await repository.withdraw({ ...withdrawal, environment: 'production' }, idle()));
    expect(valueOf(await repository.offer(await draft({ files: { a: 'b' } }), idle()))).toBeNull();
    expect(lab.exchanges.filter(({ path }) => path.includes('merge_requests'))).toEqual([]);
  });
});
