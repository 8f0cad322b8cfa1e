import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startPihole, type Pihole } from '../../lab/pihole/pihole.ts';
import { inventoryText, webService } from '../../lab/house/definitions.ts';
import type { Actor } from '../../engine/index.ts';
import { app, openEngineHouse, type EngineHouse } from './engine-house.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const viewer: Actor = { id: 'discord:9', name: 'vera', roles: ['household'] };
const secrets = {
  PIHOLE_PASSWORD: 'pihole-canary',
  AUTHENTIK_TOKEN: 'authentik-canary',
  OTHER: 'other-canary',
};

/** Somebody's server that takes whatever it is sent. */
async function startListener() {
  const got: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    got.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.setHeader('content-type', 'application/json').end('{}');
  }).on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, got, connections: () => connections },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

let house: EngineHouse | undefined;
let pihole: Pihole | undefined;
let listener: Awaited<ReturnType<typeof startListener>> | undefined;
afterEach(async () => {
  await house?.close();
  await pihole?.close();
  await listener?.close();
  [house, pihole, listener] = [undefined, undefined, undefined];
});

const authUrl = 'http://127.0.0.1:9';

/** A house whose secrets are bound to a Pi-hole and an Authentik, and a listener that is neither. */
async function open() {
  const dns = (pihole = await startPihole({ password: secrets.PIHOLE_PASSWORD }));
  const evil = (listener = await startListener());
  const h = (house = await openEngineHouse({
    secrets,
    sendTo: { PIHOLE_PASSWORD: [dns.url], AUTHENTIK_TOKEN: [authUrl] },
  }));
  const push = async (systems: readonly string[], around: string): Promise<void> => {
    const text = ['domain: home.lan', 'systems:', ...systems.map((line) => `  ${line}`), ''].join('\n');
    const [host] = h.world.hosts;
    const definition = { name: app.name, host: host!.name, image: h.image('web:1'), port: 18_080, around };
    await h.services.commit(
      { 'sentinel.yml': inventoryText(h.world, text), [app.file]: webService(definition) },
      'chore: an innocent change',
    );
  };
  /** What a viewer is told by /status and by /plan. */
  const look = async (): Promise<readonly (readonly string[])[]> => {
    const status = await h.engine.status({}, viewer, signal());
    const plan = await h.engine.propose({ kind: 'deploy', service: app.name }, viewer, signal());
    const told = [status.ok ? status.value.problems : status.problems, plan.ok ? [] : plan.problems];
    return told.map((problems) => problems.map(({ code, message }) => `${code}: ${message}`));
  };
  return { evil, dns, push, look };
}

const record = 'dns: { hostname: app }';
const signOn = 'traefik: { subdomain: app }\nauthentik: { enabled: true }';
const server = 'server: "127.0.0.1:9", target: 10.0.0.2';

describe('whoever can push sentinel.yml', () => {
  test.each([
    [
      'the password of Pi-hole',
      (url: string) => [`dns: { provider: pihole, url: "${url}", password: PIHOLE_PASSWORD, ${server} }`],
      record,
      ['PIHOLE_PASSWORD'],
    ],
    [
      'the same with a name in front of the address',
      (url: string) => [
        `dns: { provider: pihole, url: "${url.replace('//', '//pi.hole@')}", password: PIHOLE_PASSWORD, ${server} }`,
      ],
      record,
      ['PIHOLE_PASSWORD'],
    ],
    [
      'any secrets as a key of OPNsense',
      (url: string) => [
        `dns: { provider: opnsense, url: "${url}", key: OTHER, secret: AUTHENTIK_TOKEN, ${server} }`,
      ],
      record,
      ['OTHER'],
    ],
    [
      'the token of Authentik',
      (url: string) => [`authentik: { url: "${url}", token: AUTHENTIK_TOKEN }`],
      signOn,
      ['AUTHENTIK_TOKEN'],
    ],
  ])('gets nothing from what a viewer does: %s', async (_, systems, around, names) => {
    const { evil, push, look } = await open();
    await push(systems(evil.url), around);
    const refused = names.map(
      (name) => `system-refused: ${name} may not be sent to ${evil.url}: bot.yml does not allow it.`,
    );
    const [status, plan] = await look();
    expect(status).toEqual(refused);
    expect(plan).toEqual(refused);
    expect(evil.connections()).toBe(0);
    expect(evil.got).toEqual([]);
  });

  test('cannot have another secret sent to a system that gets one', async () => {
    const { dns, push, look } = await open();
    await push([`dns: { provider: pihole, url: "${dns.url}", password: OTHER, ${server} }`], record);
    const [status] = await look();
    expect(status).toEqual([
      `system-refused: OTHER may not be sent to ${dns.url}: bot.yml does not allow it.`,
    ]);
    expect(dns.requests).toEqual([]);
  });

  test('changes nothing for a system that gets the secret bound to it', async () => {
    const { dns, push, look } = await open();
    const real = `${dns.server.address}:${dns.server.port}`;
    await push(
      [
        `dns: { provider: pihole, url: "${dns.url}", password: PIHOLE_PASSWORD, server: "${real}", target: 10.0.0.2 }`,
      ],
      record,
    );
    expect(await look()).toEqual([[], []]);
    expect(dns.requests).toContain('POST /auth');
  });
});
