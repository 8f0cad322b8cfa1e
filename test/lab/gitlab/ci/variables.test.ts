import { afterEach, describe, expect, test } from 'vitest';
import type { LabVariable } from '../../../../lab/gitlab/ci/types.ts';
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
const variable = (key: string, value: string, more: Partial<LabVariable> = {}): LabVariable => ({
  ...{ key, value, type: 'env_var', scope: '*', protected: false, masked: false, hidden: false },
  ...more,
});

describe.skipIf(unable !== '')(`what a job knows${unable}`, () => {
  test('is what GitLab tells it, and nothing of this machine', async () => {
    process.env['LEAK_CANARY'] = 'leaked';
    const world = await start({ path: ['/opt/sentinel/bin'] });
    await world.push({
      '.gitlab-ci.yml': `"tell: all": { stage: test, script: [env -0 > env.txt], artifacts: { paths: [env.txt] } }`,
    });
    const { before, commit } = await world.push({}, { message: 'Raise $HOME to 2\n\nBecause.' });
    const { id } = await world.run();
    await world.until(id, 'success', 'failed');
    delete process.env['LEAK_CANARY'];
    const job = world.job(id, 'tell: all');
    const env = Object.fromEntries(
      String(await world.ci.artifact(job.id, 'env.txt'))
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const url = 'http://gitlab.lan:8929/homelab/services';
    expect(env).toMatchObject({
      CI: 'true',
      GITLAB_CI: 'true',
      CI_API_V4_URL: 'http://gitlab.lan:8929/api/v4',
      CI_COMMIT_SHA: commit,
      CI_COMMIT_BEFORE_SHA: before,
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_REF_NAME: 'main',
      CI_COMMIT_MESSAGE: 'Raise $HOME to 2\n\nBecause.',
      CI_COMMIT_TITLE: 'Raise $HOME to 2',
      CI_DEFAULT_BRANCH: 'main',
      CI_JOB_ID: String(job.id),
      CI_JOB_NAME: 'tell: all',
      CI_JOB_STAGE: 'test',
      CI_JOB_URL: `${url}/-/jobs/${job.id}`,
      CI_PIPELINE_ID: String(id),
      CI_PIPELINE_SOURCE: 'push',
      CI_PIPELINE_URL: `${url}/-/pipelines/${id}`,
      CI_PROJECT_ID: '3',
      CI_PROJECT_PATH: 'homelab/services',
      CI_PROJECT_URL: url,
      CI_SERVER_URL: 'http://gitlab.lan:8929',
      GITLAB_USER_LOGIN: 'alice',
      GITLAB_USER_NAME: 'Alice Doe',
      LANG: 'C.UTF-8',
    });
    expect(env['CI_PROJECT_DIR']).toBe(env['PWD']);
    expect(env['HOME']).not.toBe(process.env['HOME']);
    expect(env['PATH']).toMatch(/^\/opt\/sentinel\/bin:/);
    const foreign = Object.keys(env).filter(
      (name) => !/^(CI|GITLAB_USER|FF_)/.test(name) && !['PATH', 'HOME', 'LANG'].includes(name),
    );
    expect(foreign.toSorted()).toEqual(
      ['GITLAB_CI', 'OLDPWD', 'PWD', 'SHLVL', '_'].filter((name) => name in env),
    );
  });

  test('is the variable of the narrowest scope, as a file where it is one, and masked in the log', async () => {
    const world = await start({
      variables: () => [
        variable('WHO', 'anybody'),
        variable('WHO', 'reviewers', { scope: 'review/*' }),
        variable('WHO', 'first', { scope: 'review/1' }),
        variable('KEY', 'pri$vate\n', { type: 'file', scope: 'review/*' }),
        variable('TOKEN', 's3cret-token', { masked: true }),
        variable('BOTH', 'project'),
      ],
    });
    await world.push({
      '.gitlab-ci.yml': `
variables: { BOTH: file, GREETING: "hello \${WHO}", PRICE: "5$$" }
.show:
  script:
    - echo "$WHO, $GREETING, $PRICE, $BOTH, \${KEY:+key} $CI_ENVIRONMENT_NAME"
one: { extends: .show, environment: { name: review/1 } }
two:
  script:
    - stat -c %a "$KEY"
    - cat "$KEY"
    - echo "token=$TOKEN"
    - echo "$WHO $ASKED"
  environment: review/$CI_COMMIT_BRANCH
none: { extends: .show }
`,
    });
    const { id } = await world.run({ variables: { ASKED: 'for', WHO: 'chosen' } });
    const plain = await world.run();
    await world.until(id, 'success', 'failed');
    await world.until(plain.id, 'success', 'failed');
    expect(world.said(plain.id, 'one')).toBe('first, hello first, 5$, project, key review/1');
    expect(world.said(plain.id, 'none')).toBe('anybody, hello anybody, 5$, project,');
    expect(world.said(id, 'two')).toBe('600\npri$vate\ntoken=[MASKED]\nchosen for');
    expect(world.ci.job(world.job(id, 'two').id)?.environment).toBe('review/main');
  });

  test('holds protected variables on protected branches only', async () => {
    const world = await start({
      variables: () => [variable('SECRET', 'there', { protected: true })],
      protectedBranches: () => ['main', 'release/*'],
    });
    await world.push({ '.gitlab-ci.yml': `tell: { script: ['echo "\${SECRET:-none}"'] }` });
    const main = await world.run();
    await world.push({}, { branch: 'topic' });
    const topic = await world.run();
    await world.push({}, { branch: 'release/1' });
    const release = await world.run();
    for (const { id } of [main, topic, release]) await world.until(id, 'success', 'failed');
    expect([main, topic, release].map(({ id }) => world.said(id, 'tell'))).toEqual([
      'there',
      'none',
      'there',
    ]);
  });

  test('is as much history as its file asks for', async () => {
    const world = await start();
    const count = `count: { script: [git rev-list --count HEAD] }`;
    await world.push({ '.gitlab-ci.yml': `variables: { GIT_DEPTH: 2 }\n${count}` });
    await world.push({});
    await world.push({});
    const shallow = await world.run();
    await world.push({ '.gitlab-ci.yml': `variables: { GIT_DEPTH: 0 }\n${count}` });
    const full = await world.run();
    await world.until(shallow.id, 'success', 'failed');
    await world.until(full.id, 'success', 'failed');
    expect([shallow, full].map(({ id }) => world.said(id, 'count'))).toEqual(['2', '4']);
  });
});
