import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openGitlabStage, shown, type GitlabStage } from './changes-stage.ts';

const merged = { changes: 'merge-request', environments: '    labels: [deployment]' } as const;

describe('a change of a GitLab project', { timeout: 90_000 }, () => {
  let world: World;
  let stage: GitlabStage | undefined;
  beforeAll(async () => {
    world = await createSimulatedWorld({ hosts: 1 });
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  }, 60_000);
  const open = async (options: Parameters<typeof openGitlabStage>[1]): Promise<GitlabStage> => {
    stage = await openGitlabStage(world, options);
    return stage;
  };
  const running = async (options: Parameters<typeof openGitlabStage>[1]): Promise<GitlabStage> => {
    const s = await open({ route: 'engine', ...options });
    expect((await s.deploy()).outcome).toBe('succeeded');
    return s;
  };

  describe('by merge request', () => {
    test('is open while the request waits, merged by the approval and deployed by its pipeline', async () => {
      const s = await open({ ...merged, route: 'pipeline' });
      const before = await s.services.head();
      const card = await s.askFor('2');
      const request = s.mergeRequest();
      expect(request).toMatchObject({ state: 'opened', target: 'main', labels: ['deployment'] });
      expect(request.title).toContain(s.service.name);
      expect(request.description).toContain('web:2');
      expect(shown(card)).toContain('!1');
      expect(await s.branches()).toEqual([request.source]);
      expect(await s.services.head()).toBe(before);
      await s.agree(card);
      await s.ended('succeeded');
      expect(request).toMatchObject({ state: 'merged', mergedBy: { username: 'sentinel' } });
      expect(await s.branches()).toEqual([]);
      expect(await s.services.read(s.service.file)).toContain('web:2');
      const [merge] = await s.messages();
      expect(merge).toContain('Approved-by: ben');
      const [pipeline, ...more] = s.gitlab.project.state.ci.pipelines();
      expect(pipeline).toMatchObject({ commit: await s.services.head(), status: 'success', branch: 'main' });
      expect(more.filter(({ branch }) => branch !== 'main')).toEqual([]);
    });

    test('is merged and then deployed by Sentinel itself, and no pipeline does it again', async () => {
      const s = await running({ ...merged, route: 'engine' });
      const pipelines = s.gitlab.project.state.ci.pipelines().length;
      const card = await s.askFor('2');
      expect(s.mergeRequest().state).toBe('opened');
      await s.agree(card);
      await s.ended('succeeded');
      expect(s.mergeRequest().state).toBe('merged');
      expect(await s.page()).toBe('web 2');
      expect(s.gitlab.project.state.ci.pipelines()).toHaveLength(pipelines);
      expect((await s.messages())[0]).toContain('[skip ci]');
    });

    test('is closed with its branch removed when the request is rejected', async () => {
      const s = await open({ ...merged, route: 'pipeline' });
      const before = await s.services.head();
      await s.refuse(await s.askFor('2'), 'not on a Friday');
      await eventually(() => s.mergeRequest().state === 'closed', 'the merge request to be closed');
      await eventually(async () => (await s.branches()).length === 0, 'its branch to be removed');
      expect(
        s
          .mergeRequest()
          .notes.map(({ body }) => body)
          .join(),
      ).toContain('ben rejected it');
      expect(await s.services.head()).toBe(before);
      expect(await s.deployments()).toEqual([]);
    });

    test('is opened once and merged once when the answers were lost', async () => {
      const s = await open({ ...merged, route: 'pipeline' });
      const lost = { applied: true, reply: { status: 502, body: 'Bad Gateway' } } as const;
      s.gitlab.lab.faults.next({ method: 'POST', path: /\/merge_requests$/, ...lost });
      s.gitlab.lab.faults.next({ method: 'PUT', path: /\/merge$/, ...lost });
      await s.agree(await s.askFor('2'));
      await s.ended('succeeded');
      expect(s.gitlab.project.state.mergeRequests).toMatchObject([{ state: 'merged' }]);
      expect(await s.deployments()).toHaveLength(1);
      expect(s.gitlab.project.state.ci.pipelines()).toHaveLength(1);
    });

    test('is closed when nobody decides in time', async () => {
      const s = await open({ ...merged, route: 'pipeline', house: { expires: '2s' } });
      await s.askFor('2');
      await eventually(() => s.mergeRequest().state === 'closed', 'the merge request to be closed');
      await s.seen('Expired');
      await eventually(async () => (await s.branches()).length === 0, 'its branch to be removed');
      expect(
        s
          .mergeRequest()
          .notes.map(({ body }) => body)
          .join(),
      ).toContain('Nobody decided in time');
    });

    test('gives way to a new one when somebody pushed in between', async () => {
      const s = await open({ ...merged, route: 'pipeline' });
      const card = await s.askFor('2');
      const first = s.mergeRequest();
      const text = (await s.services.read(s.service.file)) ?? '';
      await s.services.commit(
        { [s.service.file]: text.replace('retries: 4', 'retries: 7') },
        'fix: patience',
      );
      const told = shown(await s.agree(card));
      expect(told).toContain(`would become something else than was shown`);
      expect(told).not.toContain('works would');
      await eventually(() => first.state === 'closed', 'the old merge request to be closed');
      const next = await (
        await s.people.ana.click(await s.cardWith('Show the new plan'), 'Show the new plan')
      ).reply({ within: 60_000 });
      await (await s.people.ana.click(next, 'Request approval')).reply({ within: 60_000 });
      await s.agree(await s.cardWith('Approve', '!2'));
      await s.ended('succeeded');
      const end = (await s.services.read(s.service.file)) ?? '';
      expect(end).toContain('web:2');
      expect(end).toContain('retries: 7');
    });

    test('somebody else merged in GitLab meanwhile is not merged twice', async () => {
      const s = await open({ ...merged, route: 'pipeline' });
      const card = await s.askFor('2');
      const { iid } = s.mergeRequest();
      const { lab, project } = s.gitlab;
      const token = lab.addToken('olivia');
      const page = `${lab.url}/api/v4/projects/${project.id}/merge_requests/${iid}`;
      const olivia = { headers: { 'private-token': token } };
      // The first look makes GitLab find out whether it can be merged.
      await fetch(page, olivia);
      const merge = () => fetch(`${page}/merge`, { ...olivia, method: 'PUT' });
      await eventually(async () => (await merge()).ok, 'olivia to merge');
      const head = await s.services.head();
      expect(shown(await s.agree(card))).toContain('Nothing was done');
      await s.seen('by Olivia Owner', 'Started in GitLab by a push', 'succeeded');
      expect(await s.services.head()).toBe(head);
      expect(s.mergeRequest()).toMatchObject({ iid, state: 'merged', mergedBy: { username: 'olivia' } });
    });
  });
});
