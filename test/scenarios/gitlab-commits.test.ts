import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openGitlabStage, shown, type GitlabStage } from './changes-stage.ts';

const commits = /\/repository\/commits$/;

/** The deployment of the request failed. The pipeline of what the other one pushed is told as one, too. */
const failed = (s: GitlabStage): Promise<true> =>
  eventually(async () => {
    const all = await s.deployments();
    return all.some(({ request, outcome }) => request.kind === 'deploy' && outcome === 'failed') || null;
  }, 'the deployment to fail');

describe('a change of a GitLab project as a commit', { timeout: 90_000 }, () => {
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
  const open = async (options: Parameters<typeof openGitlabStage>[1] = {}): Promise<GitlabStage> => {
    stage = await openGitlabStage(world, options);
    return stage;
  };
  const running = async (): Promise<GitlabStage> => {
    const s = await open({ route: 'engine' });
    expect((await s.deploy()).outcome).toBe('succeeded');
    return s;
  };
  /** olivia changes another line of the service's file. */
  const edit = async (s: GitlabStage): Promise<void> => {
    const text = (await s.services.read(s.service.file)) ?? '';
    await s.services.commit({ [s.service.file]: text.replace('retries: 4', 'retries: 7') }, 'fix: patience');
  };

  test('is by the person who asked, with who agreed; the release and a later rollback know it', async () => {
    const s = await running();
    await s.agree(await s.askFor('2'));
    await s.ended('succeeded');
    const [message = ''] = await s.messages();
    expect(message).toContain(`${s.gitlab.ana.name} <${s.gitlab.ana.email}>`);
    expect(message).toMatch(/^Requested-by: ana/m);
    expect(message).toMatch(/^Approved-by: ben$/m);
    expect(message).toMatch(/^Sentinel-Request: p-/m);
    expect(message).toContain('[skip ci]');
    const release = await s.host.readFile(`${s.host.installRoot}/${s.service.name}/.sentinel/current`);
    const head = await s.services.head();
    const file = await s.host.readFile(
      `${s.host.installRoot}/${s.service.name}/.sentinel/releases/${(release ?? '').trim()}/release.json`,
    );
    expect(file).toContain(head);

    const { reply: shownFirst } = await s.ask('rollback');
    await s.people.ana.click(shownFirst, 'Request approval');
    await s.agree(await s.cardWith('Approve', 'Roll back'));
    await s.seen('Roll back', 'succeeded');
    expect(await s.page()).toBe('web 1');
    expect(await s.services.read(s.service.file)).toContain('web:1');
    const [back = ''] = await s.messages();
    expect(back).toContain(s.gitlab.ana.email);
    const { reply } = await s.ask('plan');
    expect(shown(reply)).toContain('Nothing to do');
    expect(s.gitlab.project.state.ci.pipelines()).toEqual([]);
  });

  test('made on what somebody else changed in between is planned again', async () => {
    const s = await running();
    const card = await s.askFor('2');
    await edit(s);
    const told = shown(await s.agree(card));
    expect(told).toMatch(/Stale/);
    expect(await s.page()).toBe('web 1');
    const handle = await s.people.ana.click(await s.cardWith('Show the new plan'), 'Show the new plan');
    await (
      await s.people.ana.click(await handle.reply({ within: 60_000 }), 'Request approval')
    ).reply({ within: 60_000 });
    await s.agree(await s.cardWith('Approve'));
    await s.ended('succeeded');
    const text = (await s.services.read(s.service.file)) ?? '';
    expect(text).toContain('web:2');
    expect(text).toContain('retries: 7');
  });

  test('that meets another of the same file on its way leaves that one alone and says what to do', async () => {
    const s = await running();
    const card = await s.askFor('2');
    s.gitlab.lab.faults.next({ method: 'POST', path: commits, before: () => edit(s) });
    await s.agree(card);
    await failed(s);
    const text = (await s.services.read(s.service.file)) ?? '';
    expect(text).toContain('retries: 7');
    expect(text).toContain('web:1');
    expect(await s.page()).toBe('web 1');
    await s.deploy({ version: '2' });
    expect((await s.services.read(s.service.file)) ?? '').toMatch(/web:2[^]*retries: 7/);
    expect(await s.page()).toBe('web 2');
  });

  test('that meets another of another file on its way is taken back', async () => {
    const s = await open();
    const card = await s.askFor('2');
    s.gitlab.lab.faults.next({
      ...{ method: 'POST', path: commits },
      before: async () => {
        await s.services.commit({ 'README.md': 'hello\n' }, 'docs: hello');
      },
    });
    await s.agree(card);
    await failed(s);
    expect(await s.services.read('README.md')).toBe('hello\n');
    expect(await s.services.read(s.service.file)).toContain('web:1');
  });

  test('onto a protected branch is refused in the words of GitLab, and by merge request it works', async () => {
    const s = await open();
    s.gitlab.project.protectBranch('main', { push: 'nobody', merge: 'maintainer' });
    const before = await s.services.head();
    await s.agree(await s.askFor('2'));
    await s.ended('failed');
    const card = await s.seen('failed', 'not allowed to push');
    expect(card).toContain('merge-request');
    expect(await s.services.head()).toBe(before);
    expect(s.gitlab.project.state.ci.pipelines()).toEqual([]);
    await s.close();

    const again = await open({ changes: 'merge-request' });
    again.gitlab.project.protectBranch('main', { push: 'nobody', merge: 'maintainer' });
    await again.agree(await again.askFor('2'));
    await again.ended('succeeded');
    expect(await again.services.read(again.service.file)).toContain('web:2');
  });

  test('whose answer was lost is one commit and one deployment', async () => {
    const s = await open();
    const before = await s.messages();
    const card = await s.askFor('2');
    s.gitlab.lab.faults.next({
      method: 'POST',
      path: commits,
      applied: true,
      reply: { status: 502, body: 'Bad Gateway' },
    });
    await s.agree(card);
    await s.ended('succeeded');
    expect(await s.messages()).toHaveLength(before.length + 1);
    expect(await s.deployments()).toHaveLength(1);
    expect(s.gitlab.project.state.ci.pipelines()).toHaveLength(1);
  });

  test('waits unharmed while GitLab is away', async () => {
    const s = await running();
    await s.gitlab.lab.down();
    const { reply } = await s.ask('deploy', { version: '2' });
    expect(shown(reply)).toMatch(/GitLab|did not answer/);
    await s.gitlab.lab.up();
    const card = await s.askFor('2');
    await s.gitlab.lab.down();
    expect(shown(await s.agree(card))).toContain('Nothing was changed');
    await s.gitlab.lab.up();
    await s.agree(await s.cardWith('Approve'));
    await s.ended('succeeded');
    expect(await s.page()).toBe('web 2');
  });
});
