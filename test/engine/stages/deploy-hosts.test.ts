import { afterEach, describe, expect, test } from 'vitest';
import { observeStatus } from '../../../engine/observe-status.ts';
import { createSimulatedWorld, type SimulatedWorldOptions } from '../../../lab/host/simulated-world.ts';
import type { World } from '../../../lab/world.ts';
import { createPlay, expectOutcome, pageOf, type Play, present, webService } from './support/play.ts';

/** Hosts that are not as they should be; the simulated ones can be made so. */
describe('deploying to unusual hosts', () => {
  const open: { readonly world: World; readonly play: Play }[] = [];
  const start = async (options: SimulatedWorldOptions) => {
    const world = await createSimulatedWorld(options);
    const play = createPlay(world, world.hosts[0]!);
    open.push({ world, play });
    return {
      world,
      play,
      service: webService(play, { name: 'web', image: world.registry.image('web:1'), port: 8080 }),
    };
  };
  afterEach(async () => {
    for (const { play, world } of open.splice(0)) {
      await play.close();
      await world.close();
    }
  });

  test('a user with sudo deploys as root', async () => {
    const { play, service } = await start({ account: 'sudo' });
    expectOutcome(await play.run([present(service)]), 'succeeded');
    expect(await pageOf(play, 8080)).toBe('web 1');
  });

  test('a user without sudo is told so before anything is touched', async () => {
    const { play, service } = await start({ account: 'docker-group' });
    await expect(play.plan([present(service)])).rejects.toThrow('sudo-refused');
  });

  test('a host without the Compose plug-in stops the plan', async () => {
    const { play, service } = await start({ docker: 'without-compose' });
    await expect(play.plan([present(service)])).rejects.toThrow('docker-missing');
  });

  test('a Docker daemon that does not run stops the plan', async () => {
    const { play, service } = await start({});
    await play.host.stopDocker();
    await expect(play.plan([present(service)])).rejects.toThrow('docker-not-running');
  });

  test('a host that is off stops the plan, and its lights say that nobody knows', async () => {
    const { play, service } = await start({});
    await play.run([present(service)]);
    await play.host.powerOff();
    await expect(play.plan([present(service)])).rejects.toThrow('host-unreachable');
    const { statuses, problems } = await observeStatus(
      play.scope([present(service)]),
      play.ports,
      new AbortController().signal,
    );
    expect(problems.map(({ code }) => code)).toEqual(['host-unreachable']);
    expect(statuses[0]).toMatchObject({
      desired: { state: 'unknown' },
      running: { state: 'unknown' },
      containers: [],
    });
  });

  test('a host that goes away during the change for good needs a person; once back, the next plan makes it whole', async () => {
    const { play, world, service } = await start({});
    await play.run([present(service)]);
    const next = webService(play, { name: 'web', image: world.registry.image('web:2'), port: 8080 });
    const played = await play.run([present(next)], {
      onEvent: ({ type }) => {
        if (type === 'step-started') void play.host.powerOff();
      },
    });
    expect(['needs-attention', 'failed']).toContain(played.result.outcome);
    await play.host.powerOn();
    const repaired = await play.run([present(next)]);
    expectOutcome(repaired, 'succeeded');
    expect(await pageOf(play, 8080)).toBe('web 2');
    expect((await play.plan([present(next)])).steps).toEqual([]);
  });

  test('a registry that is down does not stop what the host has already, and says so', async () => {
    const { play, world, service } = await start({});
    await play.run([present(service)]);
    await world.registry.goDown();
    expect((await play.plan([present(service)])).steps).toEqual([]);
    const next = {
      ...service,
      files: { 'docker-compose.yml': `${service.files['docker-compose.yml'] ?? ''}# more\n` },
    };
    const plan = await play.plan([present(next)]);
    expect(plan.risks.map(({ code }) => code)).toEqual(['registry-unreachable']);
    expectOutcome(await play.execute(plan, [present(next)]), 'succeeded');
    const other = webService(play, { name: 'other', image: world.registry.image('web:2'), port: 8081 });
    await expect(play.plan([present(other)])).rejects.toThrow('registry-unreachable');
  });

  test('two hosts are looked at and changed side by side, and one that is off does not hide the other', async () => {
    const world = await createSimulatedWorld({ hosts: 2 });
    const [first, second] = world.hosts;
    const play = createPlay(world, first!);
    open.push({ world, play });
    const other = createPlay(world, second!);
    const image = world.registry.image('web:1');
    const services = [
      present(webService(play, { name: 'a', image, port: 8080 })),
      present(webService(other, { name: 'b', image, port: 8080 })),
    ];
    const scope = {
      ...play.scope(services),
      inventory: { ...play.scope([]).inventory, hosts: { h1: play.entry, h2: other.entry } },
    };
    await second!.powerOff();
    const { statuses, problems } = await observeStatus(scope, play.ports, new AbortController().signal);
    expect(statuses.map(({ service, desired }) => [service, desired.text])).toEqual([
      ['a', 'not deployed'],
      ['b', 'the host could not be asked'],
    ]);
    expect(problems).toHaveLength(1);
    await other.close();
  });
});
