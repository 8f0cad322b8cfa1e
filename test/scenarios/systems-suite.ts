import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exportAudit } from '../../data/index.ts';
import { inventoryText } from '../../lab/house/definitions.ts';
import { renderMessage, type LabMessage } from '../../lab/discord/index.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openAround, type Around } from './around.ts';
import { hasButton, openStage, storeIn, type Stage } from './stage.ts';

const shown = (message: LabMessage): string => renderMessage(message);

interface Wish {
  readonly sub?: string;
  readonly title?: string;
  readonly signOn?: boolean;
  readonly image?: string;
}

/** Whole stories over containers, routes, names, sign-on and the dashboard. */
export function systemScenarios(kind: World['kind'], openWorld: () => Promise<World>): void {
  describe(`with every system around a service, on ${kind} hosts`, { timeout: 180_000 }, () => {
    let world: World;
    let stage: Stage | undefined;
    let systems: Around;
    beforeAll(async () => {
      world = await openWorld();
    }, 300_000);
    afterAll(async () => {
      await world.close();
    }, 120_000);
    afterEach(async () => {
      await stage?.close();
      stage = undefined;
      await systems.close();
    }, 60_000);

    const open = async (): Promise<Stage> => {
      systems = await openAround(world);
      const { inventory, secrets, sendTo } = systems;
      stage = await openStage(world, { inventory, secrets, sendTo, checksContract: true });
      return stage;
    };
    /** Stories about systems with an API, which real hosts add nothing to but time. */
    const beside = test.runIf(kind === 'simulated');
    const around = ({ sub = 'app', title = 'The App', signOn = false }: Wish): string =>
      [
        'traefik:',
        `  subdomain: ${sub}`,
        'dns:',
        `  hostname: ${sub}   # the same everywhere`,
        'authentik:',
        `  enabled: ${signOn}`,
        'glance:',
        '  page: Home',
        `  bookmark: { group: Apps, title: "${title}" }`,
        `  monitor: { title: "${title}" }`,
      ].join('\n');
    const define = (s: Stage, wish: Wish = {}): Promise<string> =>
      s.define({ around: around(wish), ...(wish.image === undefined ? {} : { image: s.image(wish.image) }) });
    /** A house in which the service runs with everything around it. */
    const running = async (wish: Wish = {}): Promise<Stage> => {
      const s = await open();
      await define(s, wish);
      await s.startBot();
      const record = await s.deploy();
      expect(record.outcome, await s.story()).toBe('succeeded');
      return s;
    };
    const host = (sub: string): string => `${sub}.${systems.domain}`;
    const seen = (s: Stage) =>
      storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.outcome ?? null;
    const nothingLeft = async (): Promise<void> => {
      expect(await systems.resolve(host('app'))).toEqual([]);
      expect(await systems.visit(host('app'))).toMatchObject({ status: 404 });
      expect(await systems.routeFiles()).toEqual(systems.before.routeFiles);
      expect(await systems.dashboard()).toBe(systems.before.dashboard);
      expect(systems.applications()).toEqual([]);
      expect(systems.records()).toEqual(systems.before.records);
    };

    test('a first deployment is one plan over all of them, and everything answers', async () => {
      const s = await open();
      await define(s, { signOn: true });
      await s.startBot();
      const { reply } = await s.ask('plan');
      for (const word of ['app.', 'sign-on', 'The App']) expect(shown(reply)).toContain(word);
      const record = await s.deploy();
      expect(record.outcome, await s.story()).toBe('succeeded');
      expect(await systems.resolve(host('app'))).toEqual([systems.address]);
      expect(await systems.visit(host('app'))).toMatchObject({
        status: 302,
        location: expect.stringContaining('outpost.goauthentik.io') as string,
      });
      expect(await systems.visit(host('app'), { signedOn: true })).toMatchObject({ status: 200 });
      expect(systems.applications()).toEqual([s.service.name]);
      await eventually(() => systems.webhook.caught.length > 0, 'the webhook to be told');
      expect(await systems.dashboard()).toContain('The App');
      expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');
    });

    test('an address changed in sentinel.yml gets no secret that is not bound to it in bot.yml', async () => {
      const s = await open();
      await define(s, { signOn: true });
      const { authentik, inventory, pihole } = systems;
      const moved = inventory.replace(`url: ${authentik.url}`, `url: ${pihole.url}`);
      await s.services.commit({ 'sentinel.yml': inventoryText(world, moved) }, 'chore: moved');
      await s.startBot();
      const { reply } = await s.ask('plan');
      expect(shown(reply)).toContain(`AUTHENTIK_TOKEN may not be sent to ${pihole.url}`);
      expect(pihole.requests.filter((request) => request.includes('/v3/'))).toEqual([]);
    });

    test('a change of the subdomain brings the new name, and takes the old one away everywhere', async () => {
      const s = await running();
      await define(s, { sub: 'fresh' });
      expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
      expect(await systems.resolve(host('fresh'))).toEqual([systems.address]);
      expect(await systems.visit(host('fresh'))).toMatchObject({ status: 200 });
      expect(await systems.resolve(host('app'))).toEqual([]);
      expect(await systems.visit(host('app'))).toMatchObject({ status: 404 });
      const tile = await systems.dashboard();
      expect(tile).toContain(host('fresh'));
      expect(tile).not.toContain(`//${host('app')}`);
    });

    test('sign-on is asked for once it is wanted, and nobody opens it again without somebody’s agreement', async () => {
      const s = await running();
      expect(await systems.visit(host('app'))).toMatchObject({ status: 200 });
      await define(s, { signOn: true });
      expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
      expect(await systems.visit(host('app'))).toMatchObject({ status: 302 });
      await define(s, { signOn: false });
      const { reply } = await s.ask('plan');
      expect(shown(reply)).toContain('someone else must always agree');
      expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
      expect(await systems.visit(host('app'))).toMatchObject({ status: 200 });
      expect(systems.applications()).toEqual([]);
    });

    test('what comes with the sign-on is never seen without it, and what went before it not without being there', async () => {
      const s = await running();
      await define(s, { image: 'web:2', signOn: true });
      const seenOpen = new Set<string>();
      const stop = new AbortController();
      const watcher = (async () => {
        while (!stop.signal.aborted) {
          const page = await systems.visit(host('app'));
          if (page?.status === 200) seenOpen.add(page.body.trim());
        }
      })();
      expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
      stop.abort();
      await watcher;
      expect([...seenOpen]).toEqual(['web 1']);
      expect(await systems.visit(host('app'), { signedOn: true })).toMatchObject({ status: 200 });
    });

    beside('a protected service whose sign-on cannot be set up stays closed', async () => {
      const s = await open();
      await define(s, { signOn: true });
      await s.startBot();
      systems.breakSignOn();
      const record = await s.deploy();
      expect(record.outcome, await s.story()).toBe('degraded');
      expect((await systems.visit(host('app')))?.status).not.toBe(200);
      expect(await s.page()).toBe('web 1');
    });

    beside(
      'a DNS server that fails in the middle leaves a service that runs, is named, and is put right by deploying again',
      async () => {
        const s = await open();
        await define(s);
        await s.startBot();
        systems.breakDns();
        const record = await s.deploy();
        expect(record.outcome, await s.story()).toBe('degraded');
        expect(await s.page()).toBe('web 1');
        expect(await s.everythingSeen()).toContain('Pi-hole');
        await systems.repairDns();
        expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
        expect(await systems.resolve(host('app'))).toEqual([systems.address]);
      },
    );

    beside('somebody else’s record of the same name is a conflict in the plan, and stays', async () => {
      const s = await open();
      systems.addRecord(`10.9.9.9 ${host('app')}`);
      await define(s);
      await s.startBot();
      const { reply } = await s.ask('plan');
      expect(shown(reply)).toContain('10.9.9.9');
      await s.deploy();
      expect(await systems.resolve(host('app'))).toEqual(['10.9.9.9']);
      expect(systems.records()).toEqual([...systems.before.records, `10.9.9.9 ${host('app')}`]);
    });

    test('a removal takes everything away, and leaves every file as it was', async () => {
      const s = await running({ signOn: true });
      await s.services.commit({ [s.service.file]: null }, 'chore: no longer needed');
      expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
      expect(await s.page()).toBeNull();
      await nothingLeft();
    });

    test('a first deployment that fails leaves nothing behind, anywhere', async () => {
      const s = await open();
      await define(s, { image: 'crash:1', signOn: true });
      await s.startBot();
      expect((await s.deploy()).outcome, await s.story()).toBe('rolled-back');
      await nothingLeft();
    });

    test('a new version that fails is undone on all of them', async () => {
      const s = await running();
      const dashboard = await systems.dashboard();
      const files = await systems.routeFiles();
      await define(s, { image: 'crash:1', sub: 'fresh', title: 'Renamed', signOn: true });
      expect((await s.deploy()).outcome, await s.story()).toBe('rolled-back');
      expect(await s.page()).toBe('web 1');
      expect(await systems.visit(host('app'))).toMatchObject({ status: 200 });
      expect(await systems.resolve(host('app'))).toEqual([systems.address]);
      expect(await systems.resolve(host('fresh'))).toEqual([]);
      expect(await systems.dashboard()).toBe(dashboard);
      expect(await systems.routeFiles()).toEqual(files);
      expect(systems.applications()).toEqual([]);
    });

    test('a rollback brings the whole bundle back, in Git too', async () => {
      const s = await running();
      const dashboard = await systems.dashboard();
      await define(s, { image: 'web:2', sub: 'fresh', title: 'Renamed' });
      expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
      const before = storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id;
      const { reply } = await s.ask('rollback');
      expect(shown(reply)).toContain(host('app'));
      await s.people.ana.click(reply, 'Request approval');
      await s.approve(s.people.ben, await s.cardWith('Approve'));
      await eventually(
        () => (storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id === before ? null : true),
        'the rollback',
      );
      await s.ended('succeeded');
      expect(await s.page()).toBe('web 1');
      expect(await systems.visit(host('app'))).toMatchObject({ status: 200 });
      expect(await systems.resolve(host('fresh'))).toEqual([]);
      expect(await systems.dashboard()).toBe(dashboard);
      expect(await s.services.read(s.service.file)).toContain('subdomain: app');
      expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');
    });

    beside(
      'a rollback does not wait for a system that is down, and says that it is not complete',
      async () => {
        const s = await running();
        await define(s, { image: 'web:2', sub: 'fresh' });
        expect((await s.deploy()).outcome, await s.story()).toBe('succeeded');
        const before = storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id;
        await systems.pihole.down();
        const { reply } = await s.ask('rollback');
        expect(shown(reply)).toContain('left as it is');
        await s.people.ana.click(reply, 'Request approval');
        await s.approve(s.people.ben, await s.cardWith('Approve'));
        await eventually(
          () =>
            storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id === before ? null : true,
          'the rollback',
        );
        await s.ended('degraded');
        expect(await s.page()).toBe('web 1');
        await systems.repairDns();
      },
    );

    beside('what somebody changed by hand is seen, and put back', async () => {
      const s = await running();
      systems.moveRecord(host('app'), '10.9.9.9');
      const status = await (
        await s.people.ana.command('status', { service: s.service.name })
      ).reply({ within: 60_000 });
      expect(shown(status)).toContain('10.9.9.9');
      const plan = await (await s.people.ana.click(status, 'Put back')).reply({ within: 60_000 });
      expect(shown(plan)).toContain(systems.address);
      const before = storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id;
      await s.people.ana.click(plan, 'Request approval');
      await s.approve(s.people.ben, await s.cardWith('Approve'));
      await eventually(
        () => (storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id === before ? null : true),
        'the deployment',
      );
      await s.ended('succeeded');
      expect(await systems.resolve(host('app'))).toEqual([systems.address]);
    });

    beside('or kept, which changes Git and nothing else', async () => {
      const s = await running();
      systems.moveRecord(host('app'), systems.otherAddress);
      const status = await (
        await s.people.ana.command('status', { service: s.service.name })
      ).reply({ within: 60_000 });
      expect(hasButton(status, 'Keep')).toBe(true);
      const text = (await s.services.read(s.service.file)) ?? '';
      const plan = await (await s.people.ana.click(status, 'Keep')).reply({ within: 60_000 });
      await s.people.ana.click(plan, 'Request approval');
      await s.approve(s.people.ben, await s.cardWith('Approve'));
      await eventually(
        async () => ((await s.services.read(s.service.file)) === text ? null : true),
        'the commit',
      );
      await eventually(() => seen(s), 'the end of it');
      const kept = (await s.services.read(s.service.file)) ?? '';
      expect(kept).toContain(`ip: ${systems.otherAddress}`);
      expect(kept).toContain('# the same everywhere');
      expect(await systems.resolve(host('app'))).toEqual([systems.otherAddress]);
      expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');
    });

    beside('no secret of any of them is seen anywhere', async () => {
      const s = await running({ signOn: true });
      systems.breakDns();
      await define(s, { sub: 'fresh', signOn: true });
      await s.deploy();
      await (await s.people.ana.command('status', { service: s.service.name })).reply({ within: 60_000 });
      const audit: string[] = [];
      exportAudit(s.database, {}, (line) => void audit.push(line));
      const { commands } = await s.host.traffic();
      const places = {
        discord: await s.everythingSeen(),
        log: s.logged(),
        audit: audit.join('\n'),
        commands: (commands ?? []).join('\n'),
        told: systems.told(),
      };
      for (const [place, text] of Object.entries(places))
        for (const [name, value] of Object.entries(systems.secrets))
          expect(text.includes(value), `${name} in ${place}`).toBe(false);
    });
  });
}
