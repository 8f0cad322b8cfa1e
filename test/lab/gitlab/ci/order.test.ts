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

describe.skipIf(unable !== '')(`the order of jobs${unable}`, () => {
  test('runs stage after stage and hands artifacts and reported variables on', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
stages: [build, use]
build:
  stage: build
  script:
    - mkdir -p out && echo made > out/thing
    - echo "ANSWER=42" > build.env
    - echo '<testsuite/>' > report.xml
  artifacts:
    paths: [out/]
    reports: { dotenv: build.env, junit: report.xml }
use:
  stage: use
  script:
    - cat out/thing
    - echo "the answer is $ANSWER"
`,
    });
    const { id, status } = await world.run();
    expect(status).toBe('created');
    const done = await world.until(id, 'success', 'failed');
    expect(done.status).toBe('success');
    expect(world.said(id, 'use')).toBe('made\nthe answer is 42');
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
  });
});
