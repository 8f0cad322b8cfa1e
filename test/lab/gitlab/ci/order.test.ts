import { afterEach, describe, expect, test } from 'vitest';
import { type CiWorld, createCiWorld, unable } from './ci-world.ts';

const worlds: CiWorld[] = [];
async function start(...options: Parameters<typeof createCiWorld>): Promise<CiWorld> {
  const world = await createCiWorld(...options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const statuses = (world: CiWorld, id: number) =>
  Object.fromEntries(world.ci.pipeline(id)!.jobs.map(({ name, status }) => [name, status]));

describe.skipIf(unable !== '')(`the order of jobs${unable}`, () => {
  test('runs stage after stage and hands artifacts and reported variables on', async () => {
    const world = await start();
    await world.push({
      'include/base.yml': '.made: { artifacts: { paths: [out/] } }',
      '.gitlab-ci.yml': `
include: { local: include/base.yml }
stages: [build, use]
build:
  extends: .made
  stage: build
  script:
    - mkdir -p out && echo made > out/thing
    - echo "ANSWER=42" > build.env
    - echo '<testsuite/>' > report.xml
  artifacts: { reports: { dotenv: build.env, junit: report.xml } }
use:
  stage: use
  script:
    - cat out/thing
    - echo "the answer is $ANSWER"
    - git status --porcelain --untracked-files=all
  needs: [build]
`,
    });
    const { id, status } = await world.run();
    expect(status).toBe('created');
    expect((await world.until(id, 'success', 'failed')).status).toBe('success');
    expect(world.said(id, 'use')).toBe('made\nthe answer is 42\n?? out/thing');
    expect(world.changes).toEqual([
      'pipeline created',
      'build created',
      'use created',
      'build pending',
      'pipeline pending',
      'build running',
      'pipeline running',
      'build success',
      'use pending',
      'use running',
      'use success',
      'pipeline success',
    ]);
    const build = world.job(id, 'build').id;
    expect(String(await world.ci.artifact(build, 'out/thing'))).toBe('made\n');
    expect(await world.ci.artifact(build, 'report.xml')).toBeNull();
    expect(await world.ci.artifact(build, '../../job.yml')).toBeNull();
    expect(String(await world.ci.report(build, 'report.xml'))).toBe('<testsuite/>\n');
  });

  test('lets a job that needs one job go ahead of its stage, and gives it nothing of the others', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
stages: [one, two]
quick: { stage: one, script: [echo quick > quick.txt], artifacts: { paths: [quick.txt] } }
slow:
  stage: one
  script: [touch slow.txt, 'until test -e "$FLAG"; do sleep 0.05; done']
  artifacts: { paths: [slow.txt] }
ahead: { stage: two, needs: [quick], script: [ls, touch "$FLAG"] }
choosy: { stage: two, dependencies: [slow], script: [ls] }
`,
    });
    const { id } = await world.run({ variables: { FLAG: `${import.meta.dirname}/../${Date.now()}` } });
    await world.untilJob(id, 'ahead', 'success');
    expect(statuses(world, id)).toMatchObject({ slow: 'running', choosy: 'created' });
    world.ci.cancel(id);
  });

  test('goes on after a failure that is allowed, and stops after one that is not', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
stages: [one, two, three]
tolerated: { stage: one, script: [exit 3], allow_failure: { exit_codes: [3] } }
broken:
  stage: two
  script: [echo kept > log.txt, exit 2]
  artifacts: { paths: [log.txt], when: on_failure }
next: { stage: three, script: [':'] }
alarm: { stage: three, when: on_failure, script: [cat log.txt] }
tidy: { stage: three, when: always, script: [':'] }
`,
    });
    const { id } = await world.run();
    const { finishedAt } = await world.until(id, 'failed');
    expect(finishedAt).not.toBeNull();
    expect(statuses(world, id)).toEqual({
      tolerated: 'failed',
      broken: 'failed',
      next: 'skipped',
      alarm: 'success',
      tidy: 'success',
    });
    expect(world.job(id, 'tolerated')).toMatchObject({ allowFailure: true, failure: 'script_failure' });
    expect(world.job(id, 'broken')).toMatchObject({ allowFailure: false });
    expect(world.said(id, 'alarm')).toBe('kept');
    expect(world.ci.trace(world.job(id, 'broken').id)).toContain('ERROR: Job failed: exit code 2');
  });

  test('a pipeline with nothing but tolerated failures is a success, and skips what waits for a failure', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
stages: [one, two]
tolerated: { stage: one, script: [exit 1], allow_failure: true }
alarm: { stage: two, when: on_failure, script: [':'] }
`,
    });
    const { id } = await world.run();
    await world.until(id, 'success');
    expect(statuses(world, id)).toEqual({ tolerated: 'failed', alarm: 'skipped' });
  });

  test('runs one job of a resource group at a time, over all pipelines', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
host: { resource_group: host, script: ['until test -e "$FLAG"; do sleep 0.05; done'] }
`,
    });
    const first = await world.run({ variables: { FLAG: '/never' } });
    await world.untilJob(first.id, 'host', 'running');
    const second = await world.run({ variables: { FLAG: '/' } });
    await world.until(second.id, 'waiting_for_resource');
    world.ci.cancel(first.id);
    await world.until(second.id, 'success');
    expect(world.ci.pipeline(first.id)?.status).toBe('canceled');
    expect(world.ci.pipelines().map(({ id, iid }) => [id, iid])).toEqual([
      [second.id, 2],
      [first.id, 1],
    ]);
  });
});
