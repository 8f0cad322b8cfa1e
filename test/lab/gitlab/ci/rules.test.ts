import { afterEach, describe, expect, test } from 'vitest';
import { ruleHolds } from '../../../../lab/gitlab/ci/rule-expression.ts';
import { globFits } from '../../../../lab/gitlab/ci/glob.ts';
import { type CiWorld, createCiWorld, unable } from './ci-world.ts';

const worlds: CiWorld[] = [];
async function start(...options: Parameters<typeof createCiWorld>): Promise<CiWorld> {
  const world = await createCiWorld({ concurrency: 0, ...options[0] });
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const names = async (world: CiWorld, ...request: Parameters<CiWorld['maybeRun']>) => {
  const { problem, jobs } = (await world.maybeRun(...request))!;
  return problem ?? jobs.map(({ name }) => name).join(' ');
};

test.each([
  ['$A == "x"', true],
  ["$A != 'x'", false],
  ['$B == null && $A', true],
  ['$EMPTY', false],
  ['$EMPTY == ""', true],
  ['$A =~ /^X$/i', true],
  ['$B =~ /x/ || $B !~ /x/', true],
  ['($A == "y" || $A == "x") && $PATH_LIKE =~ /^a\\/b/', true],
  ['$A =~ $PATTERN', true],
  ['$A == "y" && $B == null || $A == "x"', true],
])('judges %s', (expression, expected) => {
  const variables = { A: 'x', EMPTY: '', PATH_LIKE: 'a/b/c', PATTERN: '/^x/' };
  expect(ruleHolds(expression, variables)).toBe(expected);
});

test('does not take an expression GitLab would not take', () => {
  expect(() => ruleHolds('$A = "x"', {})).toThrow(/invalid expression syntax/);
  expect(() => ruleHolds('($A == "x"', {})).toThrow(/invalid expression syntax/);
});

test.each([
  ['services/**/*.yml', 'services/media/jellyfin.yml', true],
  ['services/**/*.yml', 'services/jellyfin.yml', true],
  ['services/*.yml', 'services/media/jellyfin.yml', false],
  ['**/*', '.hidden/file', true],
  ['config/{a,b}.yml', 'config/b.yml', true],
  ['a.yml', 'aXyml', false],
])('%s and %s', (pattern, path, expected) => {
  expect(globFits(pattern, path)).toBe(expected);
});

describe.skipIf(unable !== '')(`which jobs a pipeline has${unable}`, () => {
  test('by branch, source, variables and files', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
      variables: { KIND: update }
    - if: $CI_COMMIT_BRANCH == "main" || $CI_COMMIT_BRANCH =~ /^env\\//
    - when: never
variables: { KIND: usual }
.s: { script: [':'] }
main: { extends: .s, rules: [{ if: $CI_COMMIT_BRANCH == "main" }] }
update: { extends: .s, rules: [{ if: $KIND == "update" }] }
asked: { extends: .s, rules: [{ if: $SENTINEL_SERVICES, when: manual, allow_failure: true }] }
there: { extends: .s, rules: [{ exists: [services/**/*.yml] }] }
old: { extends: .s, only: [main, schedules], except: [web] }
`,
    });
    expect(await names(world)).toBe('main old');
    expect(await names(world, { source: 'web' })).toBe('main');
    expect(await names(world, { source: 'schedule' })).toBe('main update old');
    expect(await names(world, { variables: { SENTINEL_SERVICES: 'a' } })).toBe('main asked old');
    await world.push({ 'services/x/a.yml': '' }, { branch: 'env/staging' });
    expect(await names(world)).toBe('there');
    await world.push({}, { branch: 'feature' });
    expect(await world.maybeRun()).toBeNull();
  });

  test('by what a push changed; what was not pushed counts as changed', async () => {
    const world = await start();
    await world.push({
      '.gitlab-ci.yml': `
.s: { script: [':'] }
touched: { extends: .s, rules: [{ changes: [services/**/*.yml] }] }
docs: { extends: .s, only: { changes: [docs/*] } }
whole: { extends: .s, rules: [{ changes: { paths: [docs/*], compare_to: main } }] }
always: { extends: .s }
`,
    });
    expect(await names(world)).toBe('touched docs always');
    await world.push({ 'services/a.yml': '' });
    expect(await names(world)).toBe('touched always');
    await world.push({ 'docs/a': '' }, { branch: 'topic' });
    await world.push({ other: '' }, { branch: 'topic' });
    expect(await names(world)).toBe('whole always');
    expect(await names(world, { source: 'api' })).toBe('touched docs whole always');
  });

  test('makes none without a file, or when the commit says so', async () => {
    const world = await start();
    await world.push({ readme: '' });
    expect(await world.maybeRun()).toBeNull();
    await world.push({ '.gitlab-ci.yml': `job: { script: [':'] }` }, { message: 'Undo\n\n[skip ci]' });
    expect(await world.maybeRun()).toBeNull();
    expect(await names(world, { source: 'api' })).toBe('job');
    expect(world.ci.pipelines()).toHaveLength(1);
  });

  test('a file GitLab would not take is a failed pipeline that says why', async () => {
    const world = await start();
    await world.push({ '.gitlab-ci.yml': `job: { script: [':'], whn: never }` });
    const pipeline = await world.run();
    expect(pipeline).toMatchObject({ status: 'failed', jobs: [] });
    expect(pipeline.problem).toMatch(/Invalid \.gitlab-ci\.yml configuration[\s\S]*whn/);
    await world.push({
      '.gitlab-ci.yml': `
a: { stage: build, script: [':'], rules: [{ if: $NEVER }] }
b: { script: [':'], needs: [a] }
`,
    });
    expect((await world.run()).problem).toBe("'b' job needs 'a' job, but 'a' does not exist in the pipeline");
    await world.push({ '.gitlab-ci.yml': `include: { local: gone.yml }` });
    expect((await world.run()).problem).toBe('Local include file cannot be found gone.yml');
  });
});
