import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabPipeline } from '../../lab/gitlab/ci/types.ts';
import { inventoryText } from '../../lab/house/definitions.ts';
import {
  createPipelineHouse,
  fleetFiles,
  initFiles,
  templatesPath,
  type PipelineHouse,
  type PipelineProject,
} from '../../lab/house/pipeline.ts';
import type { World } from '../../lab/world.ts';
import { parseChangesFile, parsePlanFile, parseVerificationFile } from '../../schema/index.ts';
import { openAround, type Around } from './around.ts';
import { composeFile, fleetService, jobsOf, singleService, told } from './pipeline-words.ts';

/**
 * Pipelines as `sentinel init` writes them, with real jobs, against hosts and every system around them. The stories of
 * a repository follow each other, as every pipeline takes its time.
 */
export function pipelineScenarios(kind: World['kind'], openWorld: () => Promise<World>): void {
  describe(`the generated pipelines on ${kind} hosts`, { timeout: 300_000 }, () => {
    /** What hosts have no other part in than in the stories around it. */
    const beside = test.runIf(kind === 'simulated');
    let world: World;
    let systems: Around;
    let house: PipelineHouse;
    beforeAll(async () => {
      world = await openWorld();
      systems = await openAround(world);
      house = await createPipelineHouse(world, systems);
    }, 300_000);
    afterAll(async () => {
      await house.close();
      await systems.close();
      await world.close();
    }, 120_000);

    const machine = () => world.hosts[0]!;
    const image = (name: string): string => world.registry.image(name);
    const address = (name: string): string => `${name}.${systems.domain}`;
    const page = async (name: string) =>
      (await systems.visit(address(name), { signedOn: true }))?.body.trim() ?? null;
    const running = async (name: string) =>
      (await machine().containers())
        .filter(({ project, state }) => project === name && state === 'running')
        .map((container) => container.image);
    const news = () => told(systems.webhook.caught);

    describe('of a repository with many services', () => {
      let project: PipelineProject;
      const define = (tag: string, message: string): Promise<LabPipeline> =>
        project.commit({ 'services/media/app.yml': definition(tag) }, message);
      const definition = (tag: string): string =>
        fleetService({ name: 'app', host: machine().name, image: image(tag), port: 8400 });
      beforeAll(async () => {
        project = await house.project('homelab/services', fleetFiles(world, systems));
        project.addVariable({ key: 'APP_TOKEN', value: 't0ken-0f-the-app', masked: true });
      });

      test('deploy a new service with everything around it, and tell it once', async () => {
        const pipeline = await project.ended(await define('web:1', 'feat: the app'));
        expect(jobsOf(pipeline), project.said(pipeline, 'deploy_containers')).toEqual([
          'detect_changes success',
          'validate_services success',
          'plan_deployment success',
          'deploy_containers success',
          'remove_services success',
          'configure_traefik success',
          'configure_dns success',
          'configure_authentik success',
          'update_glance success',
          'verify_deployment success',
          'notify_success success',
          'notify_failure skipped',
          'rollback manual',
        ]);
        expect(pipeline.status).toBe('success');

        expect(await systems.visit(address('app'))).toMatchObject({ status: 302 });
        expect(await page('app')).toBe('web 1');
        expect(await systems.resolve(address('app'))).toEqual([systems.address]);
        expect(systems.applications()).toEqual(['app']);
        expect(await systems.dashboard()).toContain('The app');
        expect(await machine().readFile(`${machine().installRoot}/app/.env`)).toContain('t0ken-0f-the-app');

        const read = async (job: string, file: string) => (await project.file(pipeline, job, file)) ?? '';
        expect(parseChangesFile(await read('detect_changes', 'changes.json'), 'changes.json')).toMatchObject({
          ok: true,
          value: { total: 1, head: pipeline.commit },
        });
        expect(parsePlanFile(await read('plan_deployment', 'plan.json'), 'plan.json')).toMatchObject({
          ok: true,
          value: { revision: pipeline.commit },
        });
        expect(
          parseVerificationFile(await read('verify_deployment', 'verification.json'), 'verification.json'),
        ).toMatchObject({ ok: true, value: { services: [{ name: 'app', status: 'passed' }] } });
        expect(await read('detect_changes', 'sentinel.env')).toContain('SENTINEL_DEPLOY=app\n');
        expect(await read('validate_services', 'report.xml')).toContain('<testsuite');
        expect(await read('verify_deployment', 'report.xml')).toContain('traefik_route');

        expect(news()).toEqual(['succeeded app']);
        expect(systems.ntfy.messages.map(({ topic }) => topic)).toEqual(['homelab']);
        const logs = pipeline.jobs.map(({ name }) => project.said(pipeline, name)).join('');
        for (const secret of ['t0ken-0f-the-app', ...Object.values(systems.secrets), '[MASKED]'])
          expect(logs).not.toContain(secret);
      });

      test('stop at the containers of an image that does not run, put it back, and tell that', async () => {
        const pipeline = await project.ended(await define('crash:1', 'feat: a newer app'));
        const log = project.said(pipeline, 'deploy_containers');
        expect(jobsOf(pipeline), log).toEqual([
          'detect_changes success',
          'validate_services success',
          'plan_deployment success',
          'deploy_containers failed',
          'remove_services skipped',
          'configure_traefik skipped',
          'configure_dns skipped',
          'configure_authentik skipped',
          'update_glance skipped',
          'verify_deployment skipped',
          'notify_success skipped',
          'notify_failure success',
          'rollback manual',
        ]);
        expect(pipeline.status).toBe('failed');
        expect(log).toMatch(/app: failed, and is as it was before/);
        expect(await running('app')).toEqual([image('web:1')]);
        expect(await page('app')).toBe('web 1');
        expect(news().slice(1)).toEqual(['rolled-back app']);
        expect(systems.ntfy.messages).toHaveLength(2);

        // Whoever plays it then, because something failed, is not put back further than that.
        const rollback = await project.play(pipeline, 'rollback');
        expect(rollback.status, project.said(pipeline, 'rollback')).toBe('success');
        expect(project.said(pipeline, 'rollback')).toContain(
          'app stays: what runs is not from this pipeline.',
        );
        expect(await running('app')).toEqual([image('web:1')]);
      });

      beside('wait for the one who may start it, and then refuse what is not what was planned', async () => {
        project.addVariable({ key: 'SENTINEL_APPROVAL', value: 'manual' });
        const waiting = await project.ended(await define('web:2', 'feat: the next app'));
        expect(waiting.status).toBe('manual');
        expect(jobsOf(waiting).slice(2, 5)).toEqual([
          'plan_deployment success',
          'deploy_containers manual',
          'remove_services created',
        ]);
        expect(await running('app')).toEqual([image('web:1')]);

        await world.registry.moveTag('web:2', 'well:1');
        const plan = parsePlanFile(
          (await project.file(waiting, 'plan_deployment', 'plan.json')) ?? '',
          'plan',
        );
        await project.play(waiting, 'deploy_containers', {
          SENTINEL_PLAN_DIGEST: plan.ok ? plan.value.digest : '',
        });
        const pipeline = await project.ended(waiting);
        const log = project.said(pipeline, 'deploy_containers');
        expect(jobsOf(pipeline).slice(3), log).toEqual([
          'deploy_containers failed',
          ...['remove_services skipped', 'configure_traefik skipped', 'configure_dns skipped'],
          ...['configure_authentik skipped', 'update_glance skipped', 'verify_deployment skipped'],
          ...['notify_success skipped', 'notify_failure success', 'rollback manual'],
        ]);
        expect(log).toMatch(/plan-stale/);
        expect(log).toMatch(/Nothing was touched/);
        expect(await running('app')).toEqual([image('web:1')]);
        expect(news().slice(2)).toEqual(['failed app']);
        project.state.variables.splice(-1);
      });

      beside('take everything away of a service whose file is deleted', async () => {
        const pipeline = await project.ended(
          await project.commit({ 'services/media/app.yml': null }, 'feat: no app any more'),
        );
        expect(pipeline.status, project.said(pipeline, 'remove_services')).toBe('success');
        expect(await running('app')).toEqual([]);
        expect(await systems.resolve(address('app'))).toEqual([]);
        expect(await systems.visit(address('app'))).toMatchObject({ status: 404 });
        expect(await systems.routeFiles()).toEqual(systems.before.routeFiles);
        expect(await systems.dashboard()).toBe(systems.before.dashboard);
        expect(systems.applications()).toEqual([]);
        expect(systems.records()).toEqual(systems.before.records);
        expect(news().slice(3)).toEqual(['succeeded app']);
      });
    });

    describe('of a repository with one service, which includes the shared one', () => {
      let project: PipelineProject;
      const began = () => news().length;
      beforeAll(async () => {
        await house.project(templatesPath, initFiles('templates'));
        project = await house.project('homelab/solo', {
          ...initFiles('single', 'solo'),
          'sentinel.yml': inventoryText(world, systems.inventory),
        });
      });

      test('deploy it, and by the clock what its tag means by then', async () => {
        const before = began();
        await world.registry.publish('moving:1', { page: 'old' });
        const files = {
          'service.yml': singleService({ name: 'solo', host: machine().name, port: 8401 }),
          'config/docker-compose.yml': composeFile(image('moving:1'), 8401),
        };
        const pipeline = await project.ended(await project.commit(files, 'feat: solo'));
        expect(jobsOf(pipeline), project.said(pipeline, 'deploy:container')).toEqual([
          'validate:service-yml success',
          'validate:docker-compose success',
          'deploy:container success',
          'configure:traefik success',
          'configure:dns success',
          'configure:authentik success',
          'configure:glance success',
          'verify:health success',
          'notify:success success',
          'notify:failure skipped',
          'rollback manual',
        ]);
        expect(pipeline.status).toBe('success');
        expect(await page('solo')).toBe('old');

        await world.registry.publish('moving:1', { page: 'new' });
        const scheduled = await project.ended(await project.run('schedule'));
        expect(scheduled.status, project.said(scheduled, 'scheduled:update')).toBe('success');
        expect(jobsOf(scheduled)).toContain('scheduled:update success');
        expect(await page('solo')).toBe('new');
        expect(news().slice(before)).toEqual(['succeeded solo', 'succeeded solo']);
      });

      test('stop at the container of an image that does not run, and tell that', async () => {
        const before = began();
        const files = { 'config/docker-compose.yml': composeFile(image('crash:1'), 8401) };
        const pipeline = await project.ended(await project.commit(files, 'feat: a newer solo'));
        expect(jobsOf(pipeline).filter((job) => !job.endsWith(' skipped'))).toEqual([
          'validate:service-yml success',
          'validate:docker-compose success',
          'deploy:container failed',
          'notify:failure success',
          'rollback manual',
        ]);
        expect(await page('solo')).toBe('new');
        expect(news().slice(before)).toEqual(['rolled-back solo']);
      });

      beside('are not made where the shared one cannot be read', async () => {
        const gone = { '.gitlab-ci.yml': 'include: { project: homelab/elsewhere, file: ci.yml }\n' };
        const pipeline = await project.commit(gone, 'ci: from elsewhere');
        expect(pipeline.problem).toMatch(/`homelab\/elsewhere` not found or access denied/);
      });
    });
  });
}
