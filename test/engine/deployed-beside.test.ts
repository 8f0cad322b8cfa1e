import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Proposal, Request, Result, SystemStatus } from '../../engine/index.ts';
import { settle } from '../../lab/demo/settle.ts';
import { inventoryText, webService } from '../../lab/house/definitions.ts';
import { createHouseSystems, type HouseSystems } from '../../lab/house/systems.ts';
import { app, openEngineHouse, type EngineHouse } from './engine-house.ts';
import { ana } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const name = 'app.home.lan';
const around = `traefik:
  subdomain: app
dns:
  hostname: app
authentik:
  enabled: true
glance:
  bookmark:
    group: Apps
    title: The app
`;

/** One house, from top to bottom: the owner's command line made everything, the bot only ever changed the container. */
describe('a service the command line deployed, and of which the bot then deployed only the container', () => {
  const secrets: Record<string, string> = {};
  let h: EngineHouse;
  let systems: HouseSystems;
  beforeAll(async () => {
    h = await openEngineHouse({ secrets });
    systems = await createHouseSystems(h.world);
    Object.assign(secrets, systems.secrets);
    await define('web:1');
    await settle({
      ...{ repository: h.services.url, branch: 'main', environment: 'production', services: [app.name] },
      ...{ key: h.world.key.file, secrets },
    });
    await define('web:2');
    const proposal = await ask({ kind: 'deploy', service: app.name });
    expect(new Set(proposal.plan.steps.map(({ stage }) => stage))).toEqual(new Set(['deploy', 'verify']));
    expect(await run(proposal)).toBe('succeeded');
    await edit();
  });
  afterAll(async () => {
    await systems.close();
    await h.close();
  });

  const define = (image: string): Promise<string> =>
    h.services.commit(
      {
        'sentinel.yml': inventoryText(h.world, systems.inventory),
        [app.file]: webService({
          ...{ name: app.name, host: h.world.hosts[0]!.name, image: h.image(image), port: 18_080, around },
        }),
      },
      `feat: ${image}`,
    );
  const records = (): readonly string[] =>
    systems.pihole.state.hosts.filter((each) => each.endsWith(` ${name}`));
  /** Somebody changes all of it by hand. */
  async function edit(): Promise<void> {
    const { pihole, authentik } = systems;
    pihole.state.hosts = pihole.state.hosts.map((each) =>
      each.endsWith(` ${name}`) ? `10.9.9.9 ${name}` : each,
    );
    for (const provider of authentik.state.providers)
      provider.fields = { ...provider.fields, external_host: 'https://elsewhere.home.lan' };
    const [host] = h.world.hosts;
    const { directory, config } = places(systems.inventory);
    const edits = [
      `sed -i 's/:18080/:18099/' '${directory}'/*app*.yml`,
      `sed -i 's/https:..${name}/https:\\/\\/elsewhere.home.lan/' ${config}`,
    ];
    for (const each of edits) expect((await host!.exec(each)).stderr).toBe('');
  }
  const look = async (): Promise<readonly SystemStatus[]> =>
    value(await h.engine.status({ service: app.name }, ana, signal())).services[0]?.systems ?? [];
  const ask = async (request: Request): Promise<Proposal> =>
    value(await h.engine.propose(request, ana, signal()));
  async function run(proposal: Proposal): Promise<string | null> {
    const decision = value(await h.engine.start(proposal.id, ana, signal()));
    if (decision.kind !== 'started') throw new Error(JSON.stringify(decision));
    return (await h.engine.finished(decision.deployment)).outcome;
  }

  test('what somebody edited is drift everywhere, to be put back or kept', async () => {
    expect(await look()).toMatchObject(
      ['traefik', 'dns', 'authentik', 'glance'].map((stage) => ({
        ...{ stage, light: { state: 'bad', text: 'differs' } },
        drift: [{ kind: 'different' }],
      })),
    );
    expect((await look()).find(({ stage }) => stage === 'dns')).toMatchObject({
      drift: [{ adoptable: true, changes: [{ before: '10.9.9.9', after: systems.address }] }],
    });
  });

  test('what is there can be kept', async () => {
    expect(await ask({ kind: 'keep', service: app.name })).toMatchObject({
      plan: { diff: expect.stringContaining('+  ip: 10.9.9.9') as string },
    });
  });

  test('all of it is put back by a deployment', async () => {
    const proposal = await ask({ kind: 'deploy', service: app.name });
    expect(proposal.plan.risks.filter(({ code }) => code === 'conflict')).toEqual([]);
    expect(await run(proposal)).toBe('succeeded');
    expect(records()).toEqual([`${systems.address} ${name}`]);
    expect((await look()).map(({ light }) => light.state)).toEqual(['good', 'good', 'good', 'good']);
  });

  test('all of it goes with the service', async () => {
    await h.services.commit({ [app.file]: null }, 'chore: no app any more');
    const { plan } = await ask({ kind: 'deploy', service: app.name });
    const leaving = plan.steps.filter(({ after }) => after === null).map(({ stage }) => stage);
    expect(leaving).toEqual(expect.arrayContaining(['traefik', 'dns', 'authentik', 'glance']));
  });
});

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

/** Where the inventory has the files of routes and the dashboard. */
function places(inventory: string): { readonly directory: string; readonly config: string } {
  const at = (key: string): string => new RegExp(`^    ${key}: (\\S+)$`, 'm').exec(inventory)?.[1] ?? '';
  return { directory: at('directory'), config: at('config') };
}
