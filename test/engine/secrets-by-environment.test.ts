import { afterEach, describe, expect, test } from 'vitest';
import type { Proposal, Request, Result } from '../../engine/index.ts';
import { webService } from '../../lab/house/definitions.ts';
import { openEngineHouse, type EngineHouse, type EngineHouseOptions } from './engine-house.ts';
import { ana } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const both = { production: { branch: 'main' }, staging: { branch: 'main' } };
const fileIn = (environment: string): string => `environments/${environment}/services/media/app.yml`;

let house: EngineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: EngineHouseOptions = {}): Promise<EngineHouse> =>
  (house = await openEngineHouse({ environments: both, ...options }));

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
};
const propose = (h: EngineHouse, environment: string, more: Partial<Request> = {}) =>
  h.engine.propose({ kind: 'deploy', service: 'app', environment, ...more } as Request, ana, signal());
async function run(h: EngineHouse, proposal: Proposal): Promise<string | null> {
  const decision = value(await h.engine.start(proposal.id, ana, signal()));
  if (decision.kind !== 'started') throw new Error(JSON.stringify(decision));
  return (await h.engine.finished(decision.deployment)).outcome;
}
const deploy = async (h: EngineHouse, environment: string): Promise<string | null> =>
  run(h, value(await propose(h, environment)));

interface Place {
  readonly host: number;
  readonly port: number;
  readonly image?: string;
  readonly name?: string;
  readonly more?: string;
}
const define = (h: EngineHouse, places: Readonly<Record<string, Place>>): Promise<string> =>
  h.services.commit(
    Object.fromEntries(
      Object.entries(places).map(
        ([environment, { host, port, image = 'web:1', name = 'app', more = '' }]) => [
          fileIn(environment),
          webService({ name, host: h.world.hosts[host]!.name, image: h.image(image), port, more }),
        ],
      ),
    ),
    'feat: places',
  );

describe('secrets kept elsewhere', () => {
  const wants = '  secrets:\n    - name: TOKEN';
  let kept: Record<string, Record<string, string>> = {};
  const away = { now: false };
  const opened = async (): Promise<EngineHouse> => {
    kept = {};
    away.now = false;
    const readSecrets: EngineHouseOptions['readSecrets'] = (environment) =>
      away.now
        ? Promise.reject(new Error('no route to gitlab'))
        : Promise.resolve({ values: kept[environment] ?? {}, unreadable: [], masked: [] });
    const h = await open({ hosts: 2, readSecrets });
    const more = wants;
    await define(h, {
      production: { host: 0, port: 18_080, more },
      staging: { host: 1, port: 18_081, more },
    });
    return h;
  };

  test('are those of the environment, and a rotated one is a change of the next plan', async () => {
    const h = await opened();
    kept['production'] = { TOKEN: 'first-live-1' };
    kept['staging'] = { TOKEN: 'first-next-1' };
    expect(await deploy(h, 'production')).toBe('succeeded');
    expect(await deploy(h, 'staging')).toBe('succeeded');
    expect(value(await propose(h, 'production')).plan.steps).toEqual([]);
    kept['production'] = { TOKEN: 'second-live-2' };
    const status = value(await h.engine.status({ environment: 'production' }, ana, signal()));
    expect(status.services[0]?.desired.state).not.toBe('good');
    const { plan } = value(await propose(h, 'production'));
    expect(plan.steps[0]?.changes.map(({ what }) => what).join()).toContain('.env');
    expect(JSON.stringify(plan)).not.toMatch(/first-live-1|second-live-2/);
    expect(value(await propose(h, 'staging')).plan.steps).toEqual([]);
    expect(await deploy(h, 'production')).toBe('succeeded');
    expect(value(await propose(h, 'production')).plan.steps).toEqual([]);
  });

  test('count as last known while the place is away, and are missing with the reason when never known', async () => {
    const h = await opened();
    kept['production'] = { TOKEN: 'first-live-1' };
    expect(await deploy(h, 'production')).toBe('succeeded');
    away.now = true;
    expect(value(await propose(h, 'production')).plan.steps).toEqual([]);
    const refused = await propose(h, 'staging');
    expect(refused).toMatchObject({ ok: false, problems: [{ code: 'secret-missing' }] });
    expect(JSON.stringify(refused)).toContain('no route to gitlab');
  });
});
