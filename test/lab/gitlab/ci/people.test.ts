import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../eventually.ts';
import { alice, type CiWorld, createCiWorld, unable } from './ci-world.ts';

const worlds: CiWorld[] = [];
async function start(...options: Parameters<typeof createCiWorld>): Promise<CiWorld> {
  const world = await createCiWorld(...options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const bob = { id: 8, username: 'bob', name: 'Bob', email: 'bob@lan' };

describe.skipIf(unable !== '')(`what people do with a pipeline${unable}`, () => {
  test('a blocking manual job holds the pipeline until it is played, once, with its variables', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
stages: [plan, deploy, after]
plan: { stage: plan, script: [':'] }
deploy:
  stage: deploy
  script: [echo "$DIGEST by $GITLAB_USER_LOGIN"]
  rules: [{ if: $CI_COMMIT_BRANCH == "main", when: manual }]
optional: { stage: deploy, when: manual, script: [':'] }
after: { stage: after, script: [':'] }
`,
    });
    const { id } = await world.run();
    const { finishedAt } = await world.until(id, 'manual');
    expect(finishedAt).toBeNull();
    const gate = world.job(id, 'deploy');
    expect(gate).toMatchObject({ status: 'manual', allowFailure: false, when: 'manual' });
    expect(world.job(id, 'optional')).toMatchObject({ status: 'manual', allowFailure: true });
    expect(world.job(id, 'after').status).toBe('created');
    expect(world.ci.trace(gate.id)).toBe('');
    expect(world.ci.play(world.job(id, 'plan').id, bob, {})).toBe(false);
    expect(world.ci.play(gate.id, bob, { DIGEST: 'abc' })).toBe(true);
    expect(world.ci.play(gate.id, bob, { DIGEST: 'abc' })).toBe(false);
    await world.until(id, 'success');
    expect(world.said(id, 'deploy')).toBe('abc by bob');
    expect(world.job(id, 'deploy')).toMatchObject({ id: gate.id, status: 'success', by: bob });
    expect(world.job(id, 'optional').status).toBe('manual');
  });

  test('cancel asks what runs to end, and takes back what waits', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
stages: [one, two]
polite:
  stage: one
  script:
    - trap 'echo undone > undone.txt; echo undone; exit 1' TERM
    - echo ready
    - while true; do sleep 0.05; done
next: { stage: two, script: [':'] }
`,
    });
    const { id } = await world.run();
    await world.untilJob(id, 'polite', 'running');
    await eventually(() => world.said(id, 'polite') === 'ready');
    world.ci.cancel(id);
    expect(world.job(id, 'polite').status).toBe('canceling');
    await world.until(id, 'canceled');
    expect(world.said(id, 'polite')).toMatch(/^ready\n[^]*undone$/);
    expect(world.job(id, 'next').status).toBe('canceled');
    expect(world.ci.retry(world.job(id, 'next').id, alice)).toMatchObject({ name: 'next' });
  });

  test('makes a job end that does not want to', async () => {
    const world = await start({ grace: 200 });
    await world.push({
      '.gitlab-ci.yml': `stubborn: { script: ["trap '' TERM", echo ready, 'while true; do sleep 0.05; done'] }`,
    });
    const { id } = await world.run();
    await eventually(() => world.said(id, 'stubborn') === 'ready');
    world.ci.cancel(id);
    await world.until(id, 'canceled');
  });

  test('a retry is a new job in the place of the old one, and wakes what was skipped', async () => {
    const world = await start({ variables: () => [] });
    await world.push({
      '.gitlab-ci.yml': `
stages: [one, two]
flaky: { stage: one, script: ['test -e "$FLAG"'], retry: 1 }
next: { stage: two, script: [echo ran] }
`,
    });
    const { id } = await world.run({ variables: { FLAG: '/never' } });
    await world.until(id, 'failed');
    expect(world.job(id, 'next').status).toBe('skipped');
    const flaky = () => world.ci.pipeline(id)!.jobs.filter(({ name }) => name === 'flaky');
    expect(flaky().map(({ status, retried }) => [status, retried])).toEqual([
      ['failed', true],
      ['failed', false],
    ]);
    expect(world.ci.retry(flaky()[0]!.id, bob)).toBeNull();
    const fresh = world.ci.retry(flaky()[1]!.id, bob)!;
    expect(fresh).toMatchObject({ name: 'flaky', by: bob, retried: false });
    expect(fresh.id).toBeGreaterThan(flaky()[1]!.id);
    expect(world.job(id, 'next').status).toBe('created');
    await world.until(id, 'failed');
    expect(flaky()).toHaveLength(3);
  });

  test('closing ends what runs and leaves nothing behind', async () => {
    const world = await start();
    await world.push({ '.gitlab-ci.yml': `forever: { script: [pwd, sleep 1000] }` });
    const { id } = await world.run();
    const folder = await eventually(() => world.said(id, 'forever') || null);
    await world.close();
    worlds.length = 0;
    expect(folder).toMatch(/\/builds\/homelab\/services$/);
    expect(existsSync(folder)).toBe(false);
    expect(world.ci.pipeline(id)?.jobs[0]?.status).toBe('canceled');
  });
});
