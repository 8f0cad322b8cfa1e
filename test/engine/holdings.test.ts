import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLivePorts } from '../../bot/live-ports.ts';
import type { LivePorts } from '../../engine/cli/ports.ts';
import { keepHoldings, readHoldings, withHostHoldings, type Held } from '../../engine/holdings/index.ts';
import type { Owned, Scope } from '../../engine/ports.ts';
import type { Step } from '../../engine/types.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../lab/host/simulated-world.ts';
import { inventory, service } from './fixtures.ts';

let world: SimulatedWorld;
let live: LivePorts;
beforeAll(async () => {
  world = await createSimulatedWorld({ hosts: 1 });
  live = openLivePorts({ SENTINEL_SSH_KEY: world.key.file });
});
afterAll(async () => {
  await live.close();
  await world.close();
});

const never = new AbortController().signal;
const environment = 'production';

function record(name: string, before: string | null, after: string | null): Extract<Step, { stage: 'dns' }> {
  const state = (address: string | null) =>
    address === null ? null : { name: `${name}.home.lan`, addresses: [address], entries: [] };
  return {
    ...{ id: `dns ${name}`, stage: 'dns', service: name, system: 'Pi-hole', target: `${name}.home.lan` },
    ...{ cause: 'it is wanted', changes: [], before: state(before), after: state(after) },
  };
}

function scopeOf(name: string, owned: Owned = []): Scope {
  const [host] = world.hosts;
  const at = { ...inventory.hosts['h1']!, address: host!.address, port: host!.port, user: host!.user };
  const hosts = { h1: { ...at, hostKeys: [host!.hostKey], installRoot: host!.installRoot } };
  const here = service(name, { host: 'h1', installPath: `${host!.installRoot}/${name}` });
  return {
    inventory: { ...inventory, hosts },
    services: [{ want: 'present', name, service: here, owned }],
  };
}
const file = (name: string) =>
  world.hosts[0]!.readFile(`${world.hosts[0]!.installRoot}/${name}/.sentinel/holdings.json`);
const done = (body: Step) => ({ body, phase: 'forward', state: 'done' }) as const;

test('what a deployment left is kept on the host for its owner alone, and read again', async () => {
  const scope = scopeOf('kept');
  const step = record('kept', null, '10.0.0.2');
  expect(
    await keepHoldings({ scope, environment, deployment: 'd-1', taken: [done(step)] }, live.ports),
  ).toEqual([]);
  const mode = await world.hosts[0]!.exec(
    `stat -c %a ${world.hosts[0]!.installRoot}/kept/.sentinel/holdings.json`,
  );
  expect(mode.stdout.trim()).toBe('600');
  const known = { environment, since: ({ owned }: Held) => owned, ports: live.ports };
  expect((await withHostHoldings(scope, known, never)).services[0]?.owned).toEqual([step]);
  expect(
    (await withHostHoldings(scope, { ...known, environment: 'staging' }, never)).services[0]?.owned,
  ).toEqual([]);
});

test('a record of our own adds to it, and alone counts only where the host keeps nothing', async () => {
  const [old, now] = [record('both', null, '10.0.0.2'), record('both', null, '10.0.0.3')];
  const owned = async (since: (held: Held) => Owned): Promise<Owned | undefined> => {
    const known = { environment, since, ports: live.ports };
    return (await withHostHoldings(scopeOf('both', [now]), known, never)).services[0]?.owned;
  };
  expect(await owned(() => [])).toEqual([now]);
  await keepHoldings(
    { scope: scopeOf('both'), environment, deployment: 'd-1', taken: [done(old)] },
    live.ports,
  );
  expect(await owned((held) => held.owned)).toEqual([old]);
  const later = record('other', null, '10.0.0.4');
  expect(await owned((held) => [...held.owned, later])).toEqual([old, later]);
});

test('what was taken away is not claimed any more, and no directory stays for it', async () => {
  const gone = record('gone', '10.0.0.2', null);
  const had = scopeOf('gone', [record('gone', null, '10.0.0.2')]);
  await keepHoldings({ scope: had, environment, deployment: 'd-2', taken: [done(gone)] }, live.ports);
  expect(await file('gone')).toBeUndefined();
  const failed = { body: gone, phase: 'forward', state: 'failed' } as const;
  await keepHoldings({ scope: had, environment, deployment: 'd-3', taken: [failed] }, live.ports);
  expect(await file('gone')).toContain('10.0.0.2');
});

test.each(['', '{', '[]', '{"version":"9"}'])('a file that says %j claims nothing', async (content) => {
  const path = `${world.hosts[0]!.installRoot}/odd`;
  await world.hosts[0]!.exec(
    `mkdir -p ${path}/.sentinel && printf '%s' '${content}' > ${path}/.sentinel/holdings.json`,
  );
  const scope = scopeOf('odd');
  const places = [{ service: 'odd', host: 'h1', path }];
  expect([...(await readHoldings({ ...scope, places, environment }, live.ports, never))]).toEqual([]);
});
