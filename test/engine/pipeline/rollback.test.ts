import { afterEach, describe, expect, test } from 'vitest';
import type { Publication, Repository } from '../../../engine/index.ts';
import { eventually } from '../../eventually.ts';
import { app, oneApproval } from '../engine-house.ts';
import { ana, ben } from '../fixtures.ts';
import {
  ask,
  deploymentOf,
  events,
  finish,
  go,
  last,
  openPipelineHouse,
  pipelineOf,
  request,
  signal,
  told,
  value,
  type PipelineHouse,
} from './support.ts';

let house: PipelineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: Parameters<typeof openPipelineHouse>[0] = {}): Promise<PipelineHouse> =>
  (house = await openPipelineHouse(options));
const back = { kind: 'rollback', service: app.name } as const;

/** Two releases on the host, put there by the engine. */
async function twoReleases(h: PipelineHouse): Promise<void> {
  for (const version of [{}, { version: '2' }]) {
    const deployment = await go(h, request({ route: 'engine', ...version }));
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
  }
}
const releases = async (h: PipelineHouse) => value(await h.engine.releases(app.name, 'production', signal()));

describe('by the engine beside pipelines', () => {
  test('releases name the commit as it is on the branch, and no pipeline does the work again', async () => {
    const seen: Publication[] = [];
    const h = await open({ rewrites: true, aroundGit: (git) => watched(git, seen) });
    await twoReleases(h);
    expect((await releases(h))[0]?.revision).toBe(await h.services.head());
    expect(seen.map(({ skipPipeline }) => skipPipeline)).toEqual([true]);
  });

  test('a rollback puts the release back first and then the same into Git, marked', async () => {
    const seen: Publication[] = [];
    const h = await open({ rewrites: true, aroundGit: (git) => watched(git, seen) });
    await twoReleases(h);
    const deployment = await go(h, { ...back, route: 'engine' });
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    const order = told(h, deployment);
    expect(order.indexOf('pushing')).toBeGreaterThan(order.lastIndexOf('step-done'));
    expect(seen.at(-1)?.skipPipeline).toBe(true);
    expect(await h.services.read(app.file)).toContain('web:1');
    expect((await ask(h, request({ route: 'engine' }))).plan.steps).toEqual([]);
  });

  test('what is taken back after it was undone is a request of its own', async () => {
    const seen: Publication[] = [];
    const h = await open({ rewrites: true, aroundGit: (git) => watched(git, seen) });
    await twoReleases(h);
    await h.world.registry.publish('web:3', { exit: { code: 3, after: 0 } });
    const proposal = await ask(h, request({ route: 'engine', version: '3' }));
    const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
    expect((await h.engine.finished(deployment)).outcome).toBe('rolled-back');
    expect(last(h, deployment, 'git')).toMatchObject({ action: 'reverted', problem: null });
    expect(seen.slice(-2).map((each) => each.request)).toEqual([proposal.id, `${proposal.id}-revert`]);
    const back = seen.at(-1)!;
    expect(back.description).toContain(proposal.id);
    expect(back.description).not.toContain('What it does');
    expect(back.skipPipeline).toBe(true);
  });

  test('a rollback Git does not take holds, and says that the next deployment would undo it', async () => {
    let refuse = false;
    const h = await open({
      aroundGit: (git) => ({
        ...git,
        publish: async (publication, until) =>
          refuse
            ? { ok: false, problems: [{ code: 'change-refused', message: 'main is protected.' }] }
            : git.publish(publication, until),
      }),
    });
    await twoReleases(h);
    refuse = true;
    const deployment = await go(h, { ...back, route: 'engine' });
    expect((await h.engine.finished(deployment)).outcome).toBe('degraded');
    expect(last(h, deployment, 'finished').problem).toMatchObject({
      code: 'change-refused',
      message: expect.stringMatching(
        /^Git still says .*next deployment would undo.*main is protected/,
      ) as string,
    });
    expect(
      (await releases(h)).find(
        ({ id }) => id === (h.engine.deployment(deployment)?.request as { release: string }).release,
      ),
    ).toBeDefined();
    expect(await h.services.read(app.file)).toContain('web:2');
  });
});

test('by the pipeline a rollback is a commit that restores the files, whose pipeline is followed', async () => {
  const h = await open();
  await twoReleases(h);
  const deployment = await go(h, back);
  const pipeline = await pipelineOf(h, deployment);
  expect(await h.services.read(app.file)).toContain('web:1');
  expect(events(h, deployment).some(({ type }) => type === 'step-started')).toBe(false);
  finish(h, pipeline);
  expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
});

test('a removal made in Git and a commit off the branch go by the engine', async () => {
  const h = await open();
  await twoReleases(h);
  const definition = (await h.services.read(app.file)) ?? '';
  await h.services.branch('side', { [app.file]: `${definition}# later\n` });
  expect((await ask(h, request({ revision: 'side' }))).request.route).toBe('engine');
  expect((await ask(h, request())).request.route).toBe('pipeline');
  await h.services.commit({ [app.file]: null }, 'chore: gone');
  expect((await ask(h, request())).request.route).toBe('engine');
});

describe('a merge request', () => {
  async function offered(h: PipelineHouse): Promise<string> {
    const proposal = await ask(
      h,
      request({ version: '2', reason: '/merge @all <img src=x> `code`\n/close' }),
    );
    value(await h.engine.requestApproval(proposal.id, ana, signal()));
    return proposal.id;
  }
  const withOffers =
    (seen: Publication[], withdrawn: string[]) =>
    (git: Repository): Repository => ({
      ...git,
      offer: (publication) => {
        seen.push(publication);
        return Promise.resolve({ ok: true, value: { label: '!1', url: 'https://git.home/mr/1' } });
      },
      withdraw: ({ request: id, because }) => {
        withdrawn.push(`${id} ${because}`);
        return Promise.resolve({ ok: true, value: undefined });
      },
    });

  test('shows the plan, and nothing a person wrote can act in it', async () => {
    const seen: Publication[] = [];
    const h = await open({ approvals: oneApproval, aroundGit: withOffers(seen, []) });
    const id = await offered(h);
    const { description } = seen[0]!;
    expect(description).toContain(h.engine.proposal(id)!.plan.digest);
    expect(description).toContain('`ana`');
    expect(description).toContain('Reason: `/merge @all <img src=x> ˋcodeˋ /close`');
    expect(description.split('\n').filter((line) => line.startsWith('/'))).toEqual([]);
    // Whatever is left outside of code spans is ours.
    expect(description.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/[@<>]/);
  });

  test('is taken back when its request is rejected, expires or is out of date', async () => {
    const withdrawn: string[] = [];
    const h = await open({ approvals: oneApproval, aroundGit: withOffers([], withdrawn) });
    const rejected = await offered(h);
    value(await h.engine.vote(rejected, ben, { verdict: 'reject', reason: null }, signal()));
    const stale = await offered(h);
    await h.services.commit({ 'README.md': 'moved' }, 'docs: moved');
    const decision = value(await h.engine.vote(stale, ben, { verdict: 'approve', reason: null }, signal()));
    expect(decision.kind).toBe('stale');
    await eventually(() => withdrawn.length === 2, 'both to be withdrawn', 8_000);
    expect(withdrawn).toEqual([
      `${rejected} ben rejected it.`,
      `${stale} The world changed after the plan was made.`,
    ]);
  });

  test.each(['pipeline', 'engine'] as const)(
    'that was opened only to be merged is taken back when it could not be, by the %s',
    async (route) => {
      const withdrawn: string[] = [];
      const h = await open({
        aroundGit: (git) => ({
          ...withOffers([], withdrawn)(git),
          publish: () =>
            Promise.resolve({ ok: false, problems: [{ code: 'change-refused', message: 'Not approved.' }] }),
        }),
      });
      const proposal = await ask(h, request({ version: '2', route }));
      const deployment = deploymentOf(value(await h.engine.start(proposal.id, ana, signal())));
      expect((await h.engine.finished(deployment)).outcome).toBe('failed');
      await eventually(() => withdrawn.length === 1, 'it to be withdrawn', 8_000);
      expect(withdrawn).toEqual([`${proposal.id} Not approved.`]);
    },
  );
});

/** Notes what is published. */
function watched(git: Repository, seen: Publication[]): Repository {
  return {
    ...git,
    publish: (publication, until) => {
      seen.push(publication);
      return git.publish(publication, until);
    },
  };
}
