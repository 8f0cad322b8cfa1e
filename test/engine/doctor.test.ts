import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLivePorts } from '../../bot/live-ports.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../lab/host/simulated-world.ts';
import { inventoryText, webService } from '../../lab/house/definitions.ts';
import { createHouseSystems, type HouseSystems } from '../../lab/house/systems.ts';
import { startOpnsense, type LabOpnsense } from '../../lab/opnsense/opnsense.ts';
import { sentinel } from './cli/command-line.ts';
import { createClone, createScratch, type Clone } from './providers/git/scratch.ts';

let world: SimulatedWorld;
let systems: HouseSystems;
let opnsense: LabOpnsense;
let homelab: Clone;
const scratch = createScratch();

beforeAll(async () => {
  world = await createSimulatedWorld({ account: 'sudo' });
  [systems, opnsense] = await Promise.all([createHouseSystems(world), startOpnsense()]);
  homelab = createClone(scratch.directory('homelab'));
  write(inventoryText(world, systems.inventory));
  const text = webService({
    ...{ name: 'web', host: 'h1', image: 'web:1', port: 8101 },
    around: [
      'traefik:',
      '  subdomain: web',
      '  middlewares: [limit]',
      'glance:',
      '  page: Home',
      '  bookmark: { group: Apps, title: Web }',
    ].join('\n'),
  });
  homelab.commit({ 'services/media/web.yml': text });
});
afterAll(async () => {
  await Promise.all([systems.close(), opnsense.close()]);
  await world.close();
  scratch.remove();
});

const write = (inventory: string): void => void homelab.commit({ 'sentinel.yml': inventory });

interface Seen {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}
async function doctor(
  args: readonly string[] = [],
  given: Readonly<Record<string, string>> = {},
): Promise<Seen> {
  const env = {
    ...systems.secrets,
    PATH: process.env['PATH'] ?? '',
    SENTINEL_SSH_KEY: world.key.file,
    ...given,
  };
  const answer = await sentinel(['doctor', ...args], {
    ...{ directory: homelab.path, env },
    openLive: () => Promise.resolve(openLivePorts(env)),
  });
  for (const secret of Object.values(systems.secrets)) expect(answer.out).not.toContain(secret);
  return { ...answer, out: answer.out.replaceAll(/\s+/g, ' ') };
}

/** Another sentinel.yml for as long as it is looked at. */
async function withInventory(edit: (text: string) => string, look: () => Promise<void>): Promise<void> {
  const text = inventoryText(world, systems.inventory);
  const changed = edit(text);
  expect(changed).not.toBe(text);
  write(changed);
  await look().finally(() => write(text));
}

/** A program of the host that says something else, for as long as it is looked at. */
async function withProgram(name: string, shell: string, look: () => Promise<void>): Promise<void> {
  const [host] = world.hosts;
  const { stdout } = await host!.exec('dirname "$(command -v docker)"');
  const file = join(stdout.trim(), name);
  const kept = name === 'docker' ? `${file}.kept` : null;
  if (kept !== null) copyFileSync(file, kept);
  writeFileSync(file, `#!/bin/sh\n${shell}\n`);
  chmodSync(file, 0o755);
  await look();
  if (kept === null) await host!.exec(`rm '${file}'`);
  else copyFileSync(kept, file);
}

describe('in a checkout with everything in order', () => {
  test('all is good, each area is told, and nothing was changed anywhere', async () => {
    const [host] = world.hosts;
    const listing = `find '${host!.installRoot}' -printf '%p %s %T@ %C@ %m\\n' | sort`;
    const before = [
      await host!.exec(listing),
      JSON.stringify(systems.pihole.state),
      systems.ntfy.requests.length,
    ];

    const seen = await doctor();

    expect(seen.out).toContain('✅ Everything is as it should be.');
    expect(seen.exitCode).toBe(0);
    for (const said of [
      'Docker 20.10',
      'Docker Compose 2.26',
      'deploy logs in and may use sudo',
      'its clock and ours show the same time',
      'can be written',
      'Traefik at',
      'version 3.6.7',
      'middlewares definitions name: limit',
      'has the entry points websecure',
      'tells its',
      'answers DNS',
      'authentik Embedded Outpost',
      'has the pages Home',
      'runs on h1',
      'answers and is healthy',
      'something listens',
      'GB free',
    ])
      expect(seen.out).toContain(said);
    expect([await host!.exec(listing), JSON.stringify(systems.pihole.state)]).toEqual(before.slice(0, 2));
    expect(systems.authentik.state.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(systems.webhook.requests).toEqual([]);
    expect(systems.ntfy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/health']);
    expect(await host!.containers()).toHaveLength(1);
  });

  test('lines stay within 80 columns, and --json has the same as data', async () => {
    const env = { ...systems.secrets, PATH: process.env['PATH'] ?? '', SENTINEL_SSH_KEY: world.key.file };
    const given = { directory: homelab.path, env, openLive: () => Promise.resolve(openLivePorts(env)) };
    const [plain, data] = await Promise.all([
      sentinel(['doctor', '--only', 'hosts', 'program'], given),
      sentinel(['doctor', '--only', 'hosts', 'program', '--json'], given),
    ]);
    const tooLong = plain.out
      .split('\n')
      .filter((line) => line.length > 80 && line.trim().split(' ').length > 3);
    expect(tooLong).toEqual([]);
    const { ok, findings } = JSON.parse(data.out) as {
      ok: boolean;
      findings: { area: string; state: string }[];
    };
    expect(ok).toBe(true);
    expect(new Set(findings.map(({ area }) => area))).toEqual(new Set(['program', 'hosts']));
  });
});

describe('a host', () => {
  test('that is down, or shows another key, is told with how to mend it, and holds back nothing else', async () => {
    const [host] = world.hosts;
    await host!.swapHostKey();
    const changed = await doctor(['--only', 'hosts', 'dns']);
    await host!.restoreHostKey();
    expect(changed.exitCode).toBe(1);
    expect(changed.out).toContain('(host-key-changed)');
    expect(changed.out).toContain('compare the fingerprint');
    expect(changed.out).toContain('answers DNS');

    await host!.powerOff();
    const down = await doctor(['--only', 'hosts']);
    await host!.powerOn();
    expect(down.out).toMatch(/❌ wrong: h1 .*refused the connection.* → Check that h1 is switched on/);
  });

  test('where sudo asks for a password gets the line for sudoers', async () => {
    const strict = await createSimulatedWorld({ account: 'sudo-password' });
    await withInventory(
      () => inventoryText(strict),
      async () => {
        const seen = await doctor(['--only', 'hosts'], { SENTINEL_SSH_KEY: strict.key.file });
        expect(seen.out).toContain('deploy ALL=(root) NOPASSWD: /bin/sh, /usr/bin/sh');
        expect(seen.out).toContain('(sudo-refused)');
      },
    ).finally(() => strict.close());
  });

  test('with an old Compose, a full disk or a clock that goes wrong is told so', async () => {
    const compose = `case "$*" in "compose version"*) echo 2.10.2;; *) exec "$0.kept" "$@";; esac`;
    await withProgram('docker', compose, async () => {
      expect((await doctor(['--only', 'hosts'])).out).toContain(
        'Docker Compose 2.10.2 is older than 2.17. → Update',
      );
    });
    await withProgram(
      'df',
      'printf "Filesystem 1024-blocks Used Available\\n/dev/sda1 999 900 90000\\n"',
      async () => {
        const full = await doctor(['--only', 'hosts']);
        expect(full.out).toMatch(/wrong: h1: only 87 MB free at .*docker system df/);
      },
    );
    await withProgram('date', `echo $(( $(/bin/date +%s) - 600 ))`, async () => {
      expect((await doctor(['--only', 'hosts'])).out).toContain(
        'its clock is 10 minutes behind ours. → Let both machines keep time',
      );
    });
  });
});

describe('a system around the services', () => {
  test('of which the login is wrong is told by name: Pi-hole and Authentik', async () => {
    const seen = await doctor(['--only', 'dns', 'authentik'], {
      PIHOLE_API_PASSWORD: 'wr0ng',
      AUTHENTIK_TOKEN: 'old',
    });
    expect(seen.exitCode).toBe(1);
    expect(seen.out).toMatch(/Pi-hole at .* did not accept the password\. → Check the secret/);
    expect(seen.out).toMatch(/Authentik at .* did not accept the token/);
  });

  test('Authentik whose token lacks a right is told which', async () => {
    systems.authentik.faults.next({
      path: /^\/providers\/proxy\//,
      status: 403,
      body: { detail: 'You do not have permission to perform this action.' },
    });
    const seen = await doctor(['--only', 'authentik']);
    expect(seen.out).toContain(
      "does not allow the token's user to list its proxy providers. → Give the service account the permission",
    );
  });

  test('OPNsense with a key that may not use Unbound, and one that may', async () => {
    const dns = [
      '  dns:',
      '    provider: opnsense',
      `    url: ${opnsense.url}`,
      '    key: OPN_KEY',
      '    secret: OPN_SECRET',
      `    server: ${opnsense.server.address}:${opnsense.server.port}`,
      '',
    ].join('\n');
    await withInventory(
      () => inventoryText(world, `systems:\n${dns}`),
      async () => {
        const secrets = { OPN_KEY: 'lab-key', OPN_SECRET: 'lab-secret' };
        const fine = await doctor(['--only', 'dns'], secrets);
        expect(fine.out).toContain('has nothing set against changes');
        opnsense.state.privilege = 'overrides';
        const less = await doctor(['--only', 'dns'], secrets);
        expect(less.out).toMatch(/does not let this API key use status\. → Give its user the privilege/);
      },
    );
    expect(opnsense.state.reconfigures).toBe(0);
    expect(
      opnsense.state.requests.filter((line) => !/search_host_override|service\/status/i.test(line)),
    ).toEqual([]);
  });

  test('Traefik without its directory or a middleware, Glance without a page', async () => {
    await withInventory(
      (text) =>
        text.replace(/directory: \S+/, 'directory: /nowhere/routes').replace('page: Home', 'page: Start'),
      async () => {
        homelab.commit({
          'services/media/more.yml': webService({
            name: 'more',
            host: 'h1',
            image: 'web:1',
            port: 8102,
            around:
              'traefik:\n  subdomain: more\n  middlewares: [gone]\nglance:\n  page: Nowhere\n  bookmark: { group: Apps, title: More }',
          }),
        });
        const seen = await doctor(['--only', 'traefik', 'glance']);
        homelab.commit({ 'services/media/more.yml': null });
        expect(seen.out).toContain(
          '/nowhere/routes: does not exist on h1. → Correct `systems.traefik.directory`',
        );
        expect(seen.out).toContain('has no middleware gone');
        expect(seen.out).toContain('has no page Nowhere');
      },
    );
  });
});

test('a secret without a value, a key others can read and no key at all are problems of the configuration', async () => {
  const key = join(scratch.directory('keys'), 'id');
  copyFileSync(world.key.file, key);
  chmodSync(key, 0o644);
  chmodSync(join(key, '..'), 0o755);
  const seen = await doctor(['--only', 'configuration'], { AUTHENTIK_TOKEN: '', SENTINEL_SSH_KEY: key });
  expect(seen.out).toContain(`can be read by every user of this machine. → chmod 600 ${key}`);
  expect(seen.out).toContain('The secret AUTHENTIK_TOKEN has no value. → Set the environment variable');
  const none = await sentinel(['doctor', '--only', 'configuration'], {
    directory: homelab.path,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  expect([none.exitCode, none.out.includes('SENTINEL_SSH_KEY')]).toEqual([1, true]);
});

test('where there is nothing to look at it could not run, and --offline asks nobody', async () => {
  const empty = await sentinel(['doctor'], { directory: scratch.directory('empty') });
  expect([empty.exitCode, empty.err]).toEqual([
    3,
    expect.stringContaining('neither bot.yml nor sentinel.yml'),
  ]);
  expect((await sentinel(['doctor', '--only', 'weather'], { directory: homelab.path })).exitCode).toBe(2);
  const connections = (await world.hosts[0]!.traffic()).connections;
  const offline = await doctor(['--offline']);
  expect([offline.exitCode, (await world.hosts[0]!.traffic()).connections]).toEqual([0, connections]);
});
