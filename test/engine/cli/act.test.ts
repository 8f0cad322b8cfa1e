import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  parseChangesFile,
  parsePlanFile,
  parseResultFile,
  parseVerificationFile,
} from '../../../schema/index.ts';
import { canary, openCliHouse, type CliHouse } from './cli-house.ts';

/* One house, whose services each belong to one story. */

let house: CliHouse;
beforeAll(async () => {
  house = await openCliHouse();
}, 60_000);
afterAll(() => house.close());

const limit = 60_000;
const result = () => {
  const parsed = parseResultFile(house.file('result.json'), 'result.json');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};
const only = (names: string) => ({ env: { SENTINEL_SERVICES: names } });

describe('a pipeline, job by job', () => {
  test(
    'deploys, routes, names, guards, lists and proves a service by the plan that was made, and takes it away again',
    { timeout: limit },
    async () => {
      const { systems } = house;
      house.define('app', {
        ...{ image: 'teller:1', port: 18_080, signOn: true },
        more: '  secrets:\n    - { name: TOKEN, source: CANARY }',
      });
      expect((await house.run(['detect'])).exitCode).toBe(0);
      expect(parseChangesFile(house.file('changes.json'), 'changes.json')).toMatchObject({
        ok: true,
        value: { total: 1, mode: 'incremental' },
      });
      const planned = await house.run(['plan']);
      expect(planned, planned.out + planned.err).toMatchObject({ exitCode: 0 });
      const plan = parsePlanFile(house.file('plan.json'), 'plan.json');
      if (!plan.ok) throw new Error('plan.json does not parse');
      expect(house.file('sentinel.env')).toContain(`SENTINEL_PLAN_DIGEST=${plan.value.digest}\n`);
      expect(house.file('sentinel.env')).toContain('SENTINEL_DEPLOY=app\n');

      const approved = { env: { SENTINEL_PLAN_DIGEST: plan.value.digest, GITLAB_CI: 'true' } };
      const deployed = await house.run(['deploy', '--only', 'containers'], approved);
      expect(deployed, deployed.out + deployed.err).toMatchObject({ exitCode: 0 });
      expect(await house.image('app')).toContain('teller:1');
      expect(deployed.out).toMatch(/section_start:\d+:sentinel_deploy_1\[collapsed=true\]\r/);
      expect(deployed.out).toMatch(/section_end:\d+:sentinel_deploy_1\r/);
      expect(result()).toMatchObject({
        ...{ command: 'deploy', outcome: 'succeeded', services: { app: 'succeeded' }, problem: null },
        pipeline: { id: 41, url: null },
      });
      expect(Object.keys(await systems.routeFiles())).toEqual(['shared.yml']);

      for (const stage of ['traefik', 'dns', 'authentik', 'glance']) {
        const answer = await house.run([stage], approved);
        expect(answer, answer.out + answer.err).toMatchObject({ exitCode: 0 });
        expect(result()).toMatchObject({ command: stage, outcome: 'succeeded' });
      }
      expect(Object.keys(await systems.routeFiles())).toHaveLength(2);
      expect(systems.pihole.state.hosts).toContainEqual(expect.stringContaining('app.home.lan'));
      expect(systems.authentik.state.applications).toHaveLength(1);
      expect(await systems.glance.text()).toContain('app.home.lan');

      const verified = await house.run(['verify']);
      expect(verified, verified.out + verified.err).toMatchObject({ exitCode: 0 });
      expect(parseVerificationFile(house.file('verification.json'), 'v')).toMatchObject({
        ok: true,
        value: { passed: 1, failed: 0, services: [{ name: 'app', status: 'passed' }] },
      });
      expect(house.file('report.xml')).toContain('<testcase classname="app" name="traefik_route"');
      const held: unknown = JSON.parse(house.hostFile('app', '.sentinel/holdings.json') ?? 'null');
      expect(held).toMatchObject({ service: 'app', environment: 'production' });
      expect(JSON.stringify(held)).toContain('"stage":"dns"');

      const again = await house.run(['deploy']);
      expect(again, again.out + again.err).toMatchObject({ exitCode: 0 });
      expect(again.out).toContain('Nothing to do');
      const shown = await house.run(['plan', '--json']);
      expect(JSON.parse(shown.out)).toMatchObject({ steps: [] });

      const before = house.owner.git('rev-parse', 'HEAD');
      house.define('app', null);
      const gone = { env: { CI_COMMIT_BEFORE_SHA: before } };
      const old = await house.run(['remove'], gone);
      expect(old.exitCode).toBe(1);
      expect(old.out).toContain('plan-stale');
      expect((await house.run(['plan'], gone)).exitCode).toBe(0);
      const removed = await house.run(['remove', '--json'], gone);
      expect(removed, removed.out + removed.err).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(removed.out)).toMatchObject({ command: 'remove', services: { app: 'succeeded' } });
      expect(await house.image('app')).toBeUndefined();
      expect(Object.keys(await systems.routeFiles())).toEqual(['shared.yml']);
      expect(systems.pihole.state.hosts.join()).not.toContain('app.home.lan');
      expect(systems.authentik.state.applications).toHaveLength(0);
      expect(await systems.glance.text()).not.toContain('app.home.lan');
      expect(house.everything()).not.toContain(canary);
      const left: unknown = JSON.parse(house.hostFile('app', '.sentinel/holdings.json') ?? 'null');
      expect(left).toMatchObject({ owned: [] });
    },
  );
});

describe('a plan somebody agreed to', () => {
  test('is refused when the world is another one, with nothing touched', { timeout: limit }, async () => {
    house.define('stale', { image: 'web:1', port: 18_081, plain: true });
    const named = only('stale');
    expect((await house.run(['plan'], named)).exitCode).toBe(0);
    const digest = /SENTINEL_PLAN_DIGEST=(\w+)/.exec(house.file('sentinel.env'))?.[1] ?? '';
    house.define('stale', { image: 'web:2', port: 18_081, plain: true });
    for (const env of [named.env, { ...named.env, SENTINEL_PLAN_DIGEST: digest }]) {
      const answer = await house.run(['deploy'], { env });
      expect(answer, answer.out + answer.err).toMatchObject({ exitCode: 1 });
      expect(answer.out).toContain('plan-stale');
      expect(answer.out).toContain('it was made for commit');
    }
    const other = { env: { ...named.env, SENTINEL_PLAN_DIGEST: '0'.repeat(64) } };
    expect((await house.run(['deploy'], other)).out).toContain(
      'the approval was given for plan 000000000000',
    );
    const none = await house.run(['deploy', '--plan', 'nowhere.json'], named);
    expect(none.out).toContain('input-missing');
    expect(await house.image('stale')).toBeUndefined();
    expect(house.hostFile('stale', 'docker-compose.yml')).toBeNull();
    expect(result()).toMatchObject({ outcome: 'failed', deployment: null });

    const acted = await house.run(['deploy', '--no-plan'], named);
    expect(acted, acted.out + acted.err).toMatchObject({ exitCode: 0 });
    expect(await house.image('stale')).toContain('web:2');
  });
});
