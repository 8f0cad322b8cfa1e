import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StepResult } from '../../../engine/ports.ts';
import { reverse } from '../../../engine/swap.ts';
import { acquireHostLocks, deploy, listReleases } from '../../../engine/stages/deploy/index.ts';
import type { Checks } from '../../../engine/index.ts';
import { observeStatus } from '../../../engine/observe-status.ts';
import type { World } from '../../../lab/world.ts';
import {
  absent,
  canary,
  containersOf,
  createPlay,
  eventually,
  expectOutcome,
  filesIn,
  pageOf,
  type Play,
  present,
  releaseOf,
  webService,
} from './support/play.ts';

/** What deploying, verifying and undoing must do on any world; real and simulated hosts may not disagree. */
export function deploySuite(title: string, createWorld: () => Promise<World>): void {
  describe(title, () => {
    let world: World;
    let play: Play;
    let nextPort = 8100;
    const signal = new AbortController().signal;
    const port = () => (nextPort += 1);

    beforeAll(async () => {
      world = await createWorld();
      const host = world.hosts[0];
      if (host === undefined) throw new Error('a world without hosts');
      play = createPlay(world, host);
    });
    afterAll(async () => {
      await play.close();
      await world.close();
    });
    const image = (name: string) => world.registry.image(name);
    const web = (name: string, tag: string, at: number) =>
      webService(play, { name, image: image(tag), port: at });

    test('a first deployment puts files, a private .env and a release on the host, and the service answers', async () => {
      const at = port();
      const service = {
        ...web('first', 'web:1', at),
        env: { TOKEN: { secret: 'CANARY' }, MODE: { value: 'a b' } },
      };
      const played = await play.run([present(service)]);
      expectOutcome(played, 'succeeded');
      expect(played.plan.steps.map(({ stage, before, cause }) => ({ stage, before, cause }))).toEqual([
        { stage: 'deploy', before: null, cause: 'first deployment' },
        { stage: 'verify', before: null, cause: 'it was changed' },
      ]);
      expect(await pageOf(play, at)).toBe('web 1');
      expect(await play.host.readFile(`${service.installPath}/docker-compose.yml`)).toBe(
        service.files['docker-compose.yml'],
      );
      const { stdout } = await play.host.exec(`stat -c %a '${service.installPath}/.env'`);
      expect(stdout.trim()).toBe('600');
      const releases = await listReleases(service, play.entry, play.ports, signal);
      expect(releases).toMatchObject([{ current: true, revision: 'a'.repeat(40), service: 'first' }]);
      expect(releases[0]?.verifiedAt).not.toBeNull();
      expect(releases[0]?.images['first']?.digest).toMatch(/^sha256:/);
    });

    test('planning again after a deployment finds nothing to do, and says what was compared', async () => {
      const service = web('again', 'web:1', port());
      await play.run([present(service)]);
      const before = await containersOf(play, 'again');
      const plan = await play.plan([present(service)]);
      expect(plan.steps).toEqual([]);
      expect(plan.services[0]?.proof.join('\n')).toMatch(
        /what Git says.*\n.*web:1 .*the same in its registry/,
      );
      expect(await containersOf(play, 'again')).toEqual(before);
    });

    test('a change of tag recreates the container, and the release before stays for the way back', async () => {
      const at = port();
      await play.run([present(web('tagged', 'web:1', at))]);
      const played = await play.run([present(web('tagged', 'web:2', at))], { revision: 'b'.repeat(40) });
      expectOutcome(played, 'succeeded');
      expect(played.plan.steps[0]?.cause).toBe('image web:1 → web:2; docker-compose.yml changed');
      expect(played.plan.diff).toMatch(/^-.*web:1$/m);
      expect(played.plan.diff).toMatch(/^\+.*web:2$/m);
      expect(await pageOf(play, at)).toBe('web 2');
      const releases = await listReleases(web('tagged', 'web:2', at), play.entry, play.ports, signal);
      expect(releases.map(({ current }) => current)).toEqual([true, false]);
      expect(await play.host.readFile(`${play.host.installRoot}/tagged/docker-compose.yml.bak`)).toContain(
        'web:1',
      );
    });

    test('an image the registry does not have stops the plan', async () => {
      const at = port();
      await play.run([present(web('missing', 'web:1', at))]);
      await expect(play.plan([present(web('missing', 'web:404', at))])).rejects.toThrow('image-not-found');
      expect(await pageOf(play, at)).toBe('web 1');
    });

    test('an image that goes away after the plan leaves the old version answering and its files untouched', async () => {
      const at = port();
      const old = web('vanished', 'web:1', at);
      await play.run([present(old)]);
      await world.registry.publish('gone:1', { page: 'gone' });
      const wanted = [present(web('vanished', 'gone:1', at))];
      const plan = await play.plan(wanted);
      await world.registry.remove('gone:1');
      const before = await filesIn(play, old.installPath);
      const played = await play.execute(plan, wanted);
      expectOutcome(played, 'failed');
      expect(played.result.problem?.code).toBe('image-not-found');
      expect(played.events.some(({ type }) => type === 'unwinding')).toBe(false);
      expect(await pageOf(play, at)).toBe('web 1');
      expect(await filesIn(play, old.installPath)).toEqual(before);
      expect((await play.plan([present(old)])).steps).toEqual([]);
    });

    test('a container that crashes is rolled back to the version before, with its last words as evidence', async () => {
      const at = port();
      const old = web('crashing', 'web:1', at);
      await play.run([present(old)]);
      const played = await play.run([present(web('crashing', 'crash:1', at))]);
      expectOutcome(played, 'rolled-back');
      expect(['restart-loop', 'container-not-running']).toContain(played.result.problem?.code);
      expect(JSON.stringify(played.result.problem?.evidence)).toContain('crashing');
      expect(await pageOf(play, at)).toBe('web 1');
      expect((await play.plan([present(old)])).steps).toEqual([]);
    });

    test('a failed deployment ends at the last release that was verified, not at one that never was', async () => {
      const at = port();
      const good = web('proven', 'web:1', at);
      expectOutcome(await play.run([present(good)]), 'succeeded');
      const [proven] = await listReleases(good, play.entry, play.ports, signal);
      const quick = { settle: 0, retries: 1, interval: 0.1 };
      const unproven = webService(play, {
        name: 'proven',
        image: image('web:2'),
        port: at,
        checks: { http: { port: at, path: '/', expect: [418] }, ...quick },
      });
      expectOutcome(await play.run([present(unproven)], { automaticRollback: false }), 'failed');
      expect(await pageOf(play, at)).toBe('web 2');
      const wanted = [present(web('proven', 'crash:1', at))];
      const plan = await play.plan(wanted);
      expect(plan.steps[0]?.changes).toContainEqual({
        what: 'if it fails',
        before: null,
        after: `back to ${proven?.id}`,
      });
      expectOutcome(await play.execute(plan, wanted), 'rolled-back');
      expect(await pageOf(play, at)).toBe('web 1');
      expect((await play.plan([present(good)])).steps).toEqual([]);
    });

    test('a container that never becomes healthy is rolled back', async () => {
      const at = port();
      const old = webService(play, { name: 'sickly', image: image('well:1'), port: at });
      expectOutcome(await play.run([present(old)]), 'succeeded');
      const played = await play.run([
        present(webService(play, { name: 'sickly', image: image('sick:1'), port: at })),
      ]);
      expectOutcome(played, 'rolled-back');
      expect(played.result.problem?.code).toBe('health-failed');
      expect(await pageOf(play, at)).toBe('well');
    });

    test('an endpoint with the wrong status is rolled back; a first deployment that fails is taken away whole', async () => {
      const at = port();
      const service = webService(play, {
        name: 'teapot',
        image: image('web:1'),
        port: at,
        checks: { http: { port: at, path: '/', expect: [418] }, retries: 3, interval: 0.3 },
      });
      const played = await play.run([present(service)]);
      expectOutcome(played, 'rolled-back');
      expect(played.result.problem?.message).toContain('answered 200, expected 418');
      expect(await containersOf(play, 'teapot')).toEqual([]);
      expect(await play.host.readFile(`${service.installPath}/docker-compose.yml`)).toBeUndefined();
      expect((await play.plan([absent(service)])).steps).toEqual([]);
    });

    test('a removal takes containers and files away but keeps the way back, and can be undone', async () => {
      await world.registry.publish('late:1', { page: 'late', stopsLate: true });
      const at = port();
      const service = { ...web('leaving', 'late:1', at), env: { TOKEN: { secret: 'CANARY' } } };
      await play.run([present(service)]);
      const [kept] = await listReleases(service, play.entry, play.ports, signal);
      const removal = await play.run([absent(service)]);
      expectOutcome(removal, 'succeeded');
      expect(removal.plan.risks).toContainEqual(
        expect.objectContaining({ code: 'removal', alwaysApprove: true }),
      );
      expect(await containersOf(play, 'leaving')).toEqual([]);
      expect(await play.host.readFile(`${service.installPath}/docker-compose.yml`)).toBeUndefined();
      expect(await play.host.readFile(`${service.installPath}/.env`)).toBeUndefined();
      expect((await play.plan([absent(service)])).steps).toEqual([]);
      expectOutcome(await play.run([releaseOf(service, kept?.id ?? '')]), 'succeeded');
      expect(await pageOf(play, at)).toBe('late');
      expect(await play.host.readFile(`${service.installPath}/.env`)).toContain('TOKEN=');
    });

    test('a rollback brings back the very image, even after its tag moved', async () => {
      await world.registry.publish('moving:1', { page: 'moving, the old' });
      const at = port();
      const service = web('mover', 'moving:1', at);
      await play.run([present(service)]);
      const [first] = await listReleases(service, play.entry, play.ports, signal);
      await world.registry.publish('moving:1', { page: 'moving, the new' });
      const moved = await play.plan([present(service)]);
      expect(moved.steps[0]?.cause).toBe('moving:1 moved in its registry');
      expect(moved.risks.map(({ code }) => code)).toContain('image-moved');
      expectOutcome(await play.execute(moved, [present(service)]), 'succeeded');
      expect(await pageOf(play, at)).toBe('moving, the new');
      const back = await play.run([releaseOf(service, first?.id ?? '')]);
      expectOutcome(back, 'succeeded');
      expect(await pageOf(play, at)).toBe('moving, the old');
      expect((await play.plan([releaseOf(service, first?.id ?? '')])).steps).toEqual([]);
    });

    test('a file changed by hand is kept, and put back when the deployment fails', async () => {
      const at = port();
      const service = web('edited', 'web:1', at);
      await play.run([present(service)]);
      const byHand = `${service.files['docker-compose.yml'] ?? ''}# by hand: hunter2\n`;
      await play.host.exec(`echo '# by hand: hunter2' >> '${service.installPath}/docker-compose.yml'`);
      const wanted = [present(web('edited', 'crash:1', at))];
      const plan = await play.plan(wanted);
      expect(plan.risks.map(({ code }) => code)).toContain('unmanaged-files');
      expect(plan.diff).not.toContain('hunter2');
      expectOutcome(await play.execute(plan, wanted), 'rolled-back');
      expect(await play.host.readFile(`${service.installPath}/docker-compose.yml`)).toBe(byHand);
      expect(await pageOf(play, at)).toBe('web 1');
    });

    test("somebody else's compose project is adopted, and can be given back", async () => {
      const at = port();
      const service = web('adopted', 'web:2', at);
      const foreign = (web('adopted', 'web:1', at).files['docker-compose.yml'] ?? '').replace(
        'restart: unless-stopped',
        'restart: always',
      );
      await play.host.exec(
        `mkdir -p '${service.installPath}/photos' && cd '${service.installPath}' && echo keep > photos/one && ` +
          `printf '%s' '${foreign}' > docker-compose.yml && echo PASSWORD=hunter2 > .env && docker compose -p adopted up -d`,
      );
      await eventually(async () => (await pageOf(play, at)) === 'web 1');
      const played = await play.run([present(service)]);
      expectOutcome(played, 'succeeded');
      expect(JSON.stringify(played)).not.toContain('hunter2');
      expect(await pageOf(play, at)).toBe('web 2');
      const found = (await listReleases(service, play.entry, play.ports, signal)).find(({ id }) =>
        id.startsWith('found-'),
      );
      expectOutcome(await play.run([releaseOf(service, found?.id ?? '')]), 'succeeded');
      expect(await play.host.readFile(`${service.installPath}/docker-compose.yml`)).toBe(foreign);
      expect(await play.host.readFile(`${service.installPath}/.env`)).toBe('PASSWORD=hunter2\n');
      expect(await play.host.readFile(`${service.installPath}/photos/one`)).toBe('keep\n');
      expect(await pageOf(play, at)).toBe('web 1');
    });

    test('a taken port is a risk that names its holder; starting anyway fails and is undone', async () => {
      const at = port();
      await play.run([present(web('holder', 'web:1', at))]);
      const late = web('latecomer', 'web:2', at);
      const plan = await play.plan([present(late)]);
      expect(plan.risks.find(({ code }) => code === 'port-taken')?.message).toContain('of holder');
      const played = await play.execute(plan, [present(late)]);
      expectOutcome(played, 'rolled-back');
      expect(played.result.problem?.code).toBe('port-taken');
      expect(await pageOf(play, at)).toBe('web 1');
      expect(await containersOf(play, 'latecomer')).toEqual([]);
    });

    test('a full disk fails the deployment and leaves the old version answering', async () => {
      const at = port();
      const old = web('cramped', 'web:1', at);
      await play.run([present(old)]);
      const wanted = [present(web('cramped', 'web:2', at))];
      const plan = await play.plan(wanted);
      await play.host.fillDisk();
      try {
        const played = await play.execute(plan, wanted);
        expect(played.result.problem?.code).toBe('disk-full');
        expect(await pageOf(play, at)).toBe('web 1');
      } finally {
        await play.host.freeDisk();
      }
      expect((await play.plan([present(old)])).steps).toEqual([]);
    });

    test('a secret that changed is seen, named and written, and is in no step, diff or event', async () => {
      const at = port();
      const service = {
        ...webService(play, {
          name: 'secretive',
          image: image('teller:1'),
          port: at,
          lines: ['environment:', '  TOKEN: ${TOKEN}'],
        }),
        env: { TOKEN: { secret: 'CANARY' } },
      };
      const first = await play.run([present(service)]);
      expectOutcome(first, 'succeeded');
      const { stdout } = await play.host.exec('docker logs secretive-secretive-1');
      expect(stdout).toContain(`TOKEN=${canary}`);
      await play.host.exec(`echo TOKEN=stale > '${service.installPath}/.env'`);
      const second = await play.run([present(service)]);
      expectOutcome(second, 'succeeded');
      expect(second.plan.steps[0]?.cause).toBe('the .env differs: the value of TOKEN changed');
      for (const played of [first, second])
        for (const part of ['c4n4ry', 'stale'])
          expect(JSON.stringify(played).replaceAll('plan-stale', '')).not.toContain(part);
    });

    test('what a crashing container says about its secrets is replaced in the evidence', async () => {
      await world.registry.publish('blab:1', { exit: { code: 2, after: 0 }, printsEnvironment: true });
      const service = {
        ...webService(play, {
          name: 'blab',
          image: image('blab:1'),
          lines: ['environment:', '  TOKEN: ${TOKEN}'],
        }),
        env: { TOKEN: { secret: 'CANARY' } },
      };
      const played = await play.run([present(service)]);
      expectOutcome(played, 'rolled-back');
      expect(JSON.stringify(played.events)).toContain('[secret CANARY]');
      expect(JSON.stringify(played.events)).not.toContain('c4n4ry');
    });

    test('changed content of a mounted file recreates its container, which Compose alone would not', async () => {
      const at = port();
      const mounted = (text: string) => {
        const base = webService(play, {
          name: 'mounted',
          image: image('web:1'),
          port: at,
          lines: ['volumes:', '  - ./page.txt:/page.txt:ro'],
        });
        return {
          ...base,
          files: { ...base.files, 'page.txt': text },
          containers: base.containers.map((container) => ({ ...container, binds: ['./page.txt'] })),
        };
      };
      await play.run([present(mounted('one\n'))]);
      const id = 'docker ps -q --no-trunc --filter label=com.docker.compose.project=mounted';
      const before = (await play.host.exec(id)).stdout;
      expectOutcome(await play.run([present(mounted('two\n'))]), 'succeeded');
      expect(await play.host.readFile(`${play.host.installRoot}/mounted/page.txt`)).toBe('two\n');
      expect((await play.host.exec(id)).stdout).not.toBe(before);
    });

    test('a file that is a program in Git is one on the host, and a lost bit is put back', async () => {
      const base = web('scripted', 'web:1', port());
      const files = { ...base.files, 'hook.sh': '#!/bin/sh\n', 'plain.txt': 'x\n' };
      await play.run([present({ ...base, files })]);
      const modes = async () =>
        (await play.host.exec(`cd '${base.installPath}' && stat -c %a hook.sh plain.txt`)).stdout.split(
          /\s+/,
        );
      expect((await modes()).slice(0, 2)).toEqual(['644', '644']);
      const service = { ...base, files, executable: ['hook.sh'] };
      const played = await play.run([present(service)]);
      expectOutcome(played, 'succeeded');
      const shown = played.plan.steps[0]?.changes.map(({ what, after }) => `${what} ${after}`);
      expect(shown).toEqual([expect.stringMatching(/^hook\.sh .*\(a program\)$/)]);
      expect((await modes()).slice(0, 2)).toEqual(['755', '644']);
      expect((await play.plan([present(service)])).steps).toEqual([]);
      await play.host.exec(`chmod 644 '${base.installPath}/hook.sh'`);
      expectOutcome(await play.run([present(service)]), 'succeeded');
      expect((await modes()).slice(0, 2)).toEqual(['755', '644']);
    });

    test('an .env that others can read is a change, and is private again afterwards, like its copy', async () => {
      const service = { ...web('loose', 'web:1', port()), env: { TOKEN: { secret: 'CANARY' } } };
      await play.run([present(service)]);
      await play.host.exec(`chmod 644 '${service.installPath}/.env'`);
      const played = await play.run([present(service)]);
      expect(played.plan.steps[0]?.cause).toBe('the .env can be read by others');
      expectOutcome(played, 'succeeded');
      const { stdout } = await play.host.exec(`cd '${service.installPath}' && stat -c %a .env .env.bak`);
      expect(stdout.split(/\s+/).slice(0, 2)).toEqual(['600', '600']);
      expect((await play.plan([present(service)])).steps).toEqual([]);
    });

    test("a compose file of a person's own that Compose refuses stops before anything is touched", async () => {
      const at = port();
      const old = { ...web('own', 'web:1', at), layout: 'single' as const };
      await play.run([present(old)]);
      const broken = {
        ...old,
        files: {
          'docker-compose.yml': `${old.files['docker-compose.yml'] ?? ''}    volumes: [nowhere:/data]\n`,
        },
      };
      const played = await play.run([present(broken)]);
      expectOutcome(played, 'failed');
      expect(played.result.problem?.code).toBe('compose-invalid');
      expect(await play.host.readFile(`${old.installPath}/docker-compose.yml`)).toBe(
        old.files['docker-compose.yml'],
      );
      expect(await pageOf(play, at)).toBe('web 1');
    });

    test('a lost connection during the change does not leave the service half done', async () => {
      const at = port();
      const old = web('cut', 'web:1', at);
      await play.run([present(old)]);
      const next = web('cut', 'web:2', at);
      const dropped: Promise<void>[] = [];
      const watching = eventually(async () => {
        const begun = await play.host.readFile(`${old.installPath}/.sentinel/applying`);
        if (begun === undefined) return false;
        dropped.push(play.host.dropConnections());
        return true;
      });
      const played = await play.run([present(next)]);
      await watching;
      await Promise.all(dropped);
      expect(['succeeded', 'rolled-back']).toContain(played.result.outcome);
      const stands = played.result.outcome === 'succeeded' ? next : old;
      expect(await pageOf(play, at)).toBe(played.result.outcome === 'succeeded' ? 'web 2' : 'web 1');
      expect((await play.plan([present(stands)])).steps).toEqual([]);
    });

    test.each([
      ['before Compose has done anything', 'aborted-early'],
      ['while Compose replaces the container', 'aborted-late'],
    ])('an abort %s undoes what was begun', async (when, name) => {
      // Long enough in between that what happens then is seen.
      await world.registry.publish('leaving:1', { page: 'web 1', stopsLate: true });
      const at = port();
      const old = web(name, 'leaving:1', at);
      await play.run([present(old)]);
      const abort = new AbortController();
      const seen = JSON.stringify(await containersOf(play, name));
      const watching = eventually(async () => {
        if ((await play.host.readFile(`${old.installPath}/.sentinel/applying`)) === undefined) return false;
        if (name === 'aborted-late' && JSON.stringify(await containersOf(play, name)) === seen) return false;
        abort.abort();
        return true;
      });
      const played = await play.run([present(web(name, 'web:2', at))], { signal: abort.signal });
      await watching;
      expect({ when, outcome: played.result.outcome }).toEqual({ when, outcome: 'cancelled' });
      expect(await pageOf(play, at)).toBe('web 1');
      expect((await play.plan([present(old)])).steps).toEqual([]);
    });

    test('a deployment that was cut off half-way is seen by the next plan, and its way back is the release before', async () => {
      const at = port();
      const service = web('halfway', 'web:1', at);
      await play.run([present(service)]);
      const [release] = await listReleases(service, play.entry, play.ports, signal);
      await play.host.exec(
        `cd '${service.installPath}' && echo 'someday ${release?.id ?? ''}' > .sentinel/applying && echo '#' >> docker-compose.yml`,
      );
      const plan = await play.plan([present(service)]);
      expect(plan.steps[0]?.cause).toContain('release someday was begun and not finished');
      expect(plan.steps[0]?.before).toMatchObject({ release: release?.id });
      expectOutcome(await play.execute(plan, [present(service)]), 'succeeded');
      expect((await play.plan([present(service)])).steps).toEqual([]);
    });

    test('undoing what was interrupted, cut off itself, still leads to the release that ran before', async () => {
      const at = port();
      const old = web('backwards', 'web:1', at);
      await play.run([present(old)]);
      const [release] = await listReleases(old, play.entry, play.ports, signal);
      const next = [present(web('backwards', 'web:2', at))];
      const played = await play.run(next);
      // Somebody takes the port, so that Compose cannot finish the way back.
      await play.host.exec('docker stop backwards-backwards-1');
      await play.run([present(web('squatter', 'web:1', at))]);
      const back = reverse(played.plan.steps.filter(({ stage }) => stage === 'deploy'));
      const results: StepResult[] = [];
      await deploy.ensure(
        back.filter((step) => step.stage === 'deploy'),
        {
          ports: play.ports,
          scope: play.scope(next),
          deployment: 'd-back',
          revision: 'a'.repeat(40),
          phase: 'forward',
          report: (_, result) => results.push(result),
        },
        signal,
      );
      expect(results).toMatchObject([{ ok: false }]);
      expect((await play.plan(next)).steps[0]?.before).toMatchObject({ release: release?.id });
    });

    test('many services of one host take one stream of files and are all verified', async () => {
      const before = (await play.host.traffic()).connections;
      const services = Array.from({ length: 8 }, (_, index) => web(`many-${index}`, 'web:1', port()));
      const played = await play.run(services.map(present));
      expectOutcome(played, 'succeeded');
      expect((await play.plan(services.map(present))).steps).toEqual([]);
      const { connections, commands } = await play.host.traffic();
      expect(connections - before).toBe(0);
      if (commands !== null)
        expect(commands.filter((line) => line.includes('tar -x') && line.includes('many-0'))).toHaveLength(1);
    });

    test('one service that fails does not hurt its neighbours', async () => {
      const good = web('neighbour', 'web:1', port());
      const bad = web('nuisance', 'crash:1', port());
      const played = await play.run([good, bad].map(present));
      expect(played.result.services).toEqual({ neighbour: 'succeeded', nuisance: 'rolled-back' });
    });

    test('the five newest releases are kept, and the last verified one however old', async () => {
      const at = port();
      const turn = (number: number, works: boolean) =>
        play.run(
          [
            present(
              webService(play, {
                name: 'keeper',
                image: image('web:1'),
                port: at,
                lines: ['labels:', `  turn: "${number}"`],
                checks: {
                  http: { port: at, path: '/', expect: [works ? 200 : 418] },
                  ...(works ? {} : { settle: 0, retries: 1, interval: 0.1 }),
                },
              }),
            ),
          ],
          { automaticRollback: false },
        );
      const list = () => listReleases(web('keeper', 'web:1', at), play.entry, play.ports, signal);
      expectOutcome(await turn(0, true), 'succeeded');
      const [proven] = await list();
      for (let number = 1; number <= 6; number += 1) expectOutcome(await turn(number, false), 'failed');
      const releases = await list();
      expect(releases).toHaveLength(6);
      expect(releases[0]?.current).toBe(true);
      expect(releases.map(({ verifiedAt }) => verifiedAt !== null)).toEqual([
        ...Array.from({ length: 5 }, () => false),
        true,
      ]);
      expect(releases.at(-1)?.id).toBe(proven?.id);
    });

    test('a lock on the host names its holder, is all or none, and is free again afterwards', async () => {
      const items = ['locked-a', 'locked-b'].map((service) => ({
        entry: play.entry,
        path: `${play.host.installRoot}/${service}`,
        service,
      }));
      const take = (id: string, wanted: typeof items) =>
        acquireHostLocks(
          { items: wanted, holder: { id, who: `person ${id}`, reason: 'a test' } },
          play.ports,
          signal,
        );
      const first = await take('one', items.slice(1));
      expect(first.ok).toBe(true);
      const second = await take('two', items);
      expect(second).toMatchObject({ ok: false, problems: [{ code: 'host-in-use' }] });
      if (!second.ok) expect(second.problems[0]?.message).toContain('person one (a test)');
      expect(await play.host.readFile(`${items[0]?.path ?? ''}/.sentinel/lock`)).toBeUndefined();
      if (first.ok) await first.value.release();
      const third = await take('three', items);
      expect(third.ok).toBe(true);
      if (third.ok) await third.value.release();
      expect((await play.host.exec(`ls -d ${play.host.installRoot}/locked-*`)).exitCode).not.toBe(0);
    });

    test('a lock nobody touched for a minute is free', async () => {
      const path = `${play.host.installRoot}/deserted`;
      await play.host.exec(
        `mkdir -p ${path}/.sentinel && echo '{"id":"dead","who":"a ghost"}' > ${path}/.sentinel/lock && touch -d '2 minutes ago' ${path}/.sentinel/lock`,
      );
      const lock = await acquireHostLocks(
        {
          items: [{ entry: play.entry, path, service: 'deserted' }],
          holder: { id: 'alive', who: 'ana', reason: 'x' },
        },
        play.ports,
        signal,
      );
      expect(lock.ok).toBe(true);
      if (lock.ok) await lock.value.release();
    });

    test('the three lights tell files, containers and health apart', async () => {
      const at = port();
      const service = webService(play, { name: 'lights', image: image('well:1'), port: at });
      await play.run([present(service)]);
      const look = async () =>
        (await observeStatus(play.scope([present(service)]), play.ports, signal)).statuses[0];
      expect(await look()).toMatchObject({
        desired: { state: 'good', text: 'matches Git' },
        running: { state: 'good', text: '1 of 1 running' },
        health: { state: 'good', text: 'healthy, answers 200' },
        containers: [{ name: 'lights', image: image('well:1'), state: 'running', restarts: 0 }],
        release: { service: 'lights' },
      });
      const seen = async (http: NonNullable<Checks['http']>, name = 'lights') => {
        const changed = { ...service, name, checks: { ...service.checks, http } };
        return (await observeStatus(play.scope([present(changed)]), play.ports, signal)).statuses[0]?.health;
      };
      expect(await seen({ port: at, path: '/api', expect: [418] })).toMatchObject({ state: 'bad' });
      expect(await seen({ port: 1, path: '/api', expect: [200] })).toEqual({
        state: 'bad',
        text: '/api does not answer',
      });
      expect(await seen({ port: 1, path: '/api', expect: [200] }, 'not-there')).toEqual({
        state: 'none',
        text: 'no health check',
      });
      await play.host.exec(
        `docker stop lights-lights-1 && echo '#' >> '${service.installPath}/docker-compose.yml'`,
      );
      expect(await look()).toMatchObject({
        desired: { state: 'bad', text: 'files differs' },
        running: { state: 'bad' },
      });
    });
  });
}
