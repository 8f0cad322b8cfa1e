import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { existsSync, readFileSync } from 'node:fs';
import { exportAudit } from '../../data/index.ts';
import { renderMessage, type LabMessage } from '../../lab/discord/index.ts';
import type { HouseOptions } from '../../lab/house/house.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { auditHolds, hasButton, openStage, storeIn, type Stage } from './stage.ts';

const shown = (message: LabMessage): string => renderMessage(message);

/** The database with what is not yet folded into it, as anybody who copies the files would have it. */
function databaseBytes(file: string): string {
  return [file, `${file}-wal`]
    .filter((each) => existsSync(each))
    .map((each) => readFileSync(each, 'latin1'))
    .join('');
}

/** Whole stories, from a slash command to what runs on the host. The same on simulated and on real hosts. */
export function scenarios(kind: World['kind'], openWorld: () => Promise<World>): void {
  describe(`on ${kind} hosts`, { timeout: 180_000 }, () => {
    /** What happens before anything reaches a host, or beside it, is told once, on hosts that cost no time. */
    const beside = test.runIf(kind === 'simulated');
    let world: World;
    let stage: Stage | undefined;
    beforeAll(async () => {
      world = await openWorld();
    }, 300_000);
    afterAll(async () => {
      await world.close();
    }, 120_000);
    afterEach(async () => {
      await stage?.close();
      stage = undefined;
    }, 60_000);
    const open = async (options: Partial<HouseOptions> = {}): Promise<Stage> => {
      stage = await openStage(world, { ...options, checksContract: true });
      return stage;
    };
    /** A house in which the service already runs web:1. */
    const running = async (options: Partial<HouseOptions> = {}): Promise<Stage> => {
      const s = await open(options);
      await s.define();
      await s.startBot();
      expect(await s.deploy()).toMatchObject({ outcome: 'succeeded' });
      return s;
    };

    test('a first deployment, approved by somebody else, runs and is proved', async () => {
      const s = await open();
      await s.define();
      await s.startBot();
      const record = await s.deploy({ reason: 'we want it' });
      expect(record).toMatchObject({ outcome: 'succeeded', approvedBy: ['ben'] });
      expect(await s.page()).toBe('web 1');
      expect(
        await s.host.readFile(`${s.host.installRoot}/${s.service.name}/.sentinel/current`),
      ).toBeDefined();
      expect(auditHolds(s.database)).toBe(true);
    });

    beside('a plan shows the change of a tag before anything happens', async () => {
      const s = await running();
      await s.define({ image: s.image('web:2') });
      const { reply } = await s.ask('plan');
      expect(shown(reply)).toContain('web:1 → web:2');
      expect(await s.page()).toBe('web 1');
    });

    test('a new version is committed, deployed, and nothing else of the definition changes', async () => {
      const s = await running();
      const before = (await s.services.read(s.service.file)) ?? '';
      const record = await s.deploy({ version: '2' });
      expect(record.outcome).toBe('succeeded');
      expect(await s.page()).toBe('web 2');
      expect(await s.services.read(s.service.file)).toBe(before.replace('web:1', 'web:2'));
      expect((await s.services.log())[0]).toContain('ana');
    });

    beside('planning again after a deployment finds nothing to do and says what was compared', async () => {
      const s = await running();
      const { reply } = await s.ask('plan');
      expect(shown(reply)).toContain('Nothing to do');
      expect(shown(reply)).toContain('docker-compose.yml');
    });

    test('a bad image must leave the previous version answering', async () => {
      const s = await running();
      await s.define({ image: s.image('web:nope') });
      const { reply } = await s.ask('deploy');
      expect(shown(reply)).toContain('web:nope');
      expect(await s.page()).toBe('web 1');
    });

    test('a crash-looping container is rolled back, and Git takes the version back too', async () => {
      const s = await running();
      await world.registry.publish(`${s.service.name}:1`, { page: 'fine' });
      await world.registry.publish(`${s.service.name}:2`, {
        exit: { code: 3, after: 0 },
        log: 'crashing on purpose',
      });
      await s.define({ image: s.image(`${s.service.name}:1`) });
      expect((await s.deploy()).outcome).toBe('succeeded');
      const record = await s.deploy({ version: '2' });
      expect(record.outcome).toBe('rolled-back');
      expect(await s.page()).toBe('fine');
      expect(await s.services.read(s.service.file)).toContain(`${s.service.name}:1`);
      expect(await s.everythingSeen()).toContain('crashing on purpose');
    });

    test('a service that never becomes healthy is rolled back', async () => {
      const s = await running();
      await s.define({ image: s.image('sick:1') });
      expect((await s.deploy()).outcome).toBe('rolled-back');
      expect(await s.page()).toBe('web 1');
    });

    test('a first deployment that fails leaves nothing behind', async () => {
      const s = await open();
      await s.define({ image: s.image('crash:1') });
      await s.startBot();
      expect((await s.deploy()).outcome).toBe('rolled-back');
      expect((await s.host.containers()).filter(({ project }) => project === s.service.name)).toEqual([]);
      expect(
        await s.host.readFile(`${s.host.installRoot}/${s.service.name}/docker-compose.yml`),
      ).toBeUndefined();
    });

    test('an unreachable host stops the plan with its name and what to check', async () => {
      const s = await running();
      await s.host.powerOff();
      try {
        const { reply } = await s.ask('plan');
        expect(shown(reply)).toContain(s.host.name);
        expect(shown(reply)).toMatch(/did not answer|unreachable/i);
      } finally {
        await s.host.powerOn();
      }
    });

    test('a host with another key is not talked to', async () => {
      const s = await open();
      await s.define();
      await s.host.swapHostKey();
      try {
        await s.startBot();
        const { reply } = await s.ask('plan');
        expect(shown(reply)).toMatch(/key/i);
        expect(shown(reply)).toContain('SHA256:');
      } finally {
        await s.host.restoreHostKey();
      }
    });

    test('a full disk changes nothing that runs', async () => {
      const s = await running();
      await world.registry.publish('fresh:2', { page: 'fresh 2' });
      await s.define({ image: s.image('fresh:2') });
      await s.host.fillDisk();
      try {
        const before = storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id;
        const { reply } = await s.ask('deploy');
        // Where it is noticed depends on what is written first: planning, locking or deploying.
        let told = shown(reply);
        if (!told.includes('space')) told = shown(await s.approve(s.people.ben, await s.cardWith('Approve')));
        if (!told.includes('space')) {
          await eventually(
            () =>
              storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id === before ? null : true,
            'the deployment to start',
          );
          expect((await s.finished()).outcome).toMatch(/failed|rolled-back/);
          told = await s.everythingSeen();
        }
        expect(told).toContain('space');
        expect(await s.page()).toBe('web 1');
      } finally {
        await s.host.freeDisk();
      }
    });

    beside('a plan approved before a push must not run after it', async () => {
      const s = await running();
      await s.define({ image: s.image('web:2') });
      const { card } = await s.ask('deploy');
      const waiting = await card();
      await s.define({ image: s.image('well:1') });
      const reply = await s.approve(s.people.ben, waiting);
      expect(shown(reply)).toMatch(/moved|stale/i);
      expect(await s.page()).toBe('web 1');
      await s.cardWith('Show the new plan');
    });

    beside('nobody approves their own request', async () => {
      const s = await open();
      await s.define();
      await s.startBot();
      const erin = s.discord.user('erin', { roles: ['deployers', 'approvers'] });
      await (await erin.command('deploy', { service: s.service.name })).reply({ within: 60_000 });
      const reply = await s.approve(erin, await s.cardWith('Approve'));
      expect(shown(reply)).toMatch(/yourself/i);
      expect(await s.page()).toBeNull();
      expect(storeIn(s.database).deployments.ofService(s.service.name, 1)).toEqual([]);
    });

    beside('somebody without a role is refused privately, and the refusal is on record', async () => {
      const s = await open();
      await s.define();
      await s.startBot();
      const reply = await (
        await s.people.dora.command('plan', { service: s.service.name })
      ).reply({ within: 60_000 });
      expect(reply.visibleTo).toBe(s.people.dora.id);
      expect(shown(reply)).toContain('view');
      expect(auditHolds(s.database)).toBe(true);
    });

    beside('two approvers at once run it once', async () => {
      const s = await running();
      await s.define({ image: s.image('web:2') });
      const { card } = await s.ask('deploy');
      const waiting = await card();
      const clicks = await Promise.all([
        s.people.ben.click(waiting, 'Approve'),
        s.people.cleo.click(waiting, 'Approve'),
      ]);
      await Promise.all(clicks.map((click) => click.reply({ within: 60_000 })));
      await eventually(
        () => (storeIn(s.database).deployments.ofService(s.service.name, 5).length > 1 ? true : null),
        'a second deployment',
      );
      await s.ended('succeeded');
      expect(storeIn(s.database).deployments.ofService(s.service.name, 5)).toHaveLength(2);
      expect(await s.page()).toBe('web 2');
    });

    beside('a restart between question and answer loses nothing', async () => {
      const s = await open();
      await s.define();
      await s.startBot();
      const { card } = await s.ask('deploy');
      const waiting = await card();
      await s.bot().stop();
      await s.startBot();
      await s.approve(s.people.ben, waiting);
      await s.ended('succeeded');
      expect(await s.page()).toBe('web 1');
    });

    test('a bot killed in mid-deployment says interrupted and offers to finish', async () => {
      const s = await open();
      await world.registry.publish(`${s.service.name}:slow`, { page: 'slow', startsAfter: 4_000 });
      await s.define({ image: s.image(`${s.service.name}:slow`), retries: 30 });
      await s.startBot('process');
      const { card } = await s.ask('deploy');
      await s.approve(s.people.ben, await card());
      await eventually(
        async () =>
          (await s.host.containers()).some(({ project }) => project === s.service.name) ? true : null,
        'a container',
      );
      await s.bot().kill();
      await s.startBot();
      const interrupted = await s.cardWith('Finish it');
      expect(shown(interrupted)).toMatch(/interrupted/i);
      await (await s.people.ana.click(interrupted, 'Finish it')).reply({ within: 60_000 });
      await eventually(() => s.page(), 'the service to answer');
    });

    test('what a killed bot began can be undone instead', async () => {
      const s = await running();
      await s.bot().stop();
      await world.registry.publish(`${s.service.name}:slow`, { page: 'slow', startsAfter: 4_000 });
      await s.define({ image: s.image(`${s.service.name}:slow`), retries: 30 });
      await s.startBot('process');
      const { card } = await s.ask('deploy');
      await s.approve(s.people.ben, await card());
      const slow = s.image(`${s.service.name}:slow`);
      await eventually(
        async () => ((await s.host.containers()).some(({ image }) => image === slow) ? true : null),
        'the new container',
      );
      await s.bot().kill();
      // Compose goes on without the bot; a plan made before it ended would be stale when it is approved.
      const applying = `${s.host.installRoot}/${s.service.name}/.sentinel/applying`;
      await eventually(
        async () => ((await s.host.readFile(applying)) === undefined ? true : null),
        'Compose to end',
      );
      await s.startBot();
      const interrupted = await s.cardWith('Undo it');
      const plan = await (await s.people.ana.click(interrupted, 'Undo it')).reply({ within: 60_000 });
      expect(shown(plan)).toContain('Request approval');
      await s.people.ana.click(plan, 'Request approval');
      expect(shown(await s.approve(s.people.ben, await s.cardWith('Approve', 'Undo')))).not.toContain(
        'moved',
      );
      await eventually(async () => ((await s.page()) === 'web 1' ? true : null), 'the old version to answer');
      const record = storeIn(s.database).deployments.ofService(s.service.name, 1)[0];
      expect(record?.request.kind).toBe('unwind');
    });

    beside('a deployment finishes while Discord is down, and its story is complete afterwards', async () => {
      const s = await running();
      await s.define({ image: s.image('web:2') });
      const { card } = await s.ask('deploy');
      await s.approve(s.people.ben, await card());
      await eventually(
        () => (storeIn(s.database).deployments.ofService(s.service.name, 5).length > 1 ? true : null),
        'the start',
      );
      await s.discord.goDown();
      await eventually(
        () =>
          storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.finishedAt == null ? null : true,
        'the end',
      );
      expect(await s.page()).toBe('web 2');
      await s.discord.comeBack();
      await s.ended('succeeded');
    });

    test('a person stops a running deployment, and it is unwound', async () => {
      const s = await running();
      await world.registry.publish(`${s.service.name}:slow`, { page: 'slow', startsAfter: 60_000 });
      await s.define({ image: s.image(`${s.service.name}:slow`), retries: 100 });
      const { card } = await s.ask('deploy');
      await s.approve(s.people.ben, await card());
      const story = await s.cardWith('Abort');
      const slow = s.image(`${s.service.name}:slow`);
      await eventually(
        async () => ((await s.host.containers()).some(({ image }) => image === slow) ? true : null),
        'the new container',
      );
      await s.people.ana.click(story, 'Abort');
      await s.ended('cancelled');
      expect(await s.page(), await s.story()).toBe('web 1');
    });

    test('rolling back twice goes one verified release further back each time, in Git too', async () => {
      const s = await running();
      for (const [tag, page] of [
        ['v2', 'two'],
        ['v3', 'three'],
      ] as const) {
        await world.registry.publish(`${s.service.name}:${tag}`, { page });
        await s.define({ image: s.image(`${s.service.name}:${tag}`) });
        expect((await s.deploy()).outcome).toBe('succeeded');
      }
      for (const page of ['two', 'web 1']) {
        const before = storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id;
        const { reply } = await s.ask('rollback');
        expect(shown(reply)).toMatch(/Roll back/);
        await s.people.ana.click(reply, 'Request approval');
        await s.approve(s.people.ben, await s.cardWith('Approve'));
        await eventually(
          () =>
            storeIn(s.database).deployments.ofService(s.service.name, 1)[0]?.id === before ? null : true,
          'the rollback',
        );
        await s.ended('succeeded');
        expect(await s.page()).toBe(page);
      }
      expect(await s.services.read(s.service.file)).toContain('web:1');
      expect(shown((await s.ask('plan')).reply)).toContain('Nothing to do');
    });

    test('a removed definition takes its containers down after somebody agreed, and keeps its volumes', async () => {
      const s = await open({ required: 0 });
      await s.define({ more: '  volumes:\n    - keep-me:/data' });
      await s.startBot();
      const first = await s.ask('deploy');
      expect(shown(first.reply)).toBeDefined();
      await s.ended('succeeded');
      await s.services.commit({ [s.service.file]: null }, 'chore: no longer needed');
      const { card } = await s.ask('deploy');
      await s.approve(s.people.ben, await card());
      await eventually(
        () => (storeIn(s.database).deployments.ofService(s.service.name, 5).length > 1 ? true : null),
        'the removal',
      );
      await s.ended('succeeded');
      expect(await s.page()).toBeNull();
      expect((await s.host.containers()).filter(({ project }) => project === s.service.name)).toEqual([]);
      expect((await s.host.exec('docker volume ls -q')).stdout).toContain('keep-me');
    });

    beside('no secret is seen in any place a person or a program can read', async () => {
      const canary = 'canary-9f3kq7zt2m';
      const s = await open({ secrets: { TELLER_PASSWORD: canary } });
      await world.registry.publish(`${s.service.name}:tell`, {
        page: 'telling',
        printsEnvironment: true,
        health: 'fails',
      });
      await s.define({
        image: s.image(`${s.service.name}:tell`),
        more: '  secrets:\n    - name: PASSWORD\n      source: TELLER_PASSWORD',
      });
      await s.startBot();
      expect((await s.deploy()).outcome).toBe('rolled-back');
      // Ask for everything that could show it: the diff as a file, the plan of a change, an error, the status.
      const { reply } = await s.ask('plan');
      await (await s.people.ana.click(reply, 'Full diff')).reply({ within: 60_000 });
      await (await s.people.ana.command('status', { service: s.service.name })).reply({ within: 60_000 });
      const audit: string[] = [];
      exportAudit(s.database, {}, (line) => void audit.push(line));
      const { commands } = await s.host.traffic();
      const records = await s.host.exec(
        `cat ${s.host.installRoot}/${s.service.name}/.sentinel/releases/*/release.json ${s.host.installRoot}/${s.service.name}/docker-compose.yml`,
      );
      const places = {
        discord: await s.everythingSeen(),
        log: s.logged(),
        audit: audit.join('\n'),
        database: databaseBytes(s.database),
        commands: (commands ?? []).join('\n'),
        records: records.stdout,
      };
      expect(places.discord).toContain('[secret TELLER_PASSWORD]');
      for (const [place, text] of Object.entries(places)) expect(text.includes(canary), place).toBe(false);
    });

    test('status tells Git, running and health apart', async () => {
      const s = await running();
      const before = await (await s.people.ana.command('status')).reply({ within: 60_000 });
      expect(shown(before)).toContain(s.service.name);
      await s.host.exec(
        `docker stop -t 0 $(docker ps -q --filter label=com.docker.compose.project=${s.service.name})`,
      );
      const after = await (
        await s.people.ana.command('status', { service: s.service.name })
      ).reply({ within: 60_000 });
      expect(shown(after)).toMatch(/exited|0 of 1/);
      expect(hasButton(after, 'Refresh')).toBe(true);
    });
  });
}
