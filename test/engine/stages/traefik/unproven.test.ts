import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTraefikReader } from '../../../../engine/providers/traefik/index.ts';
import { traefik } from '../../../../engine/stages/traefik/index.ts';
import { reverse } from '../../../../engine/swap.ts';
import { type Bench, absent, createBench, present, routed, signOn } from './support.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.clear());

const guarded = (more = {}) => routed('grafana', more, { signOn: signOn('forward_auth') });
const unproven = expect.stringMatching(/^not proven: the API of Traefik could not be asked/) as string;
const nobody = createTraefikReader({ api: 'http://127.0.0.1:1', ca: null });
const through = (proxy: typeof nobody) => ({
  ports: { ...bench.ports, systems: { ...bench.ports.systems, proxy: () => proxy } },
});
const openNow = async () => bench.deploy(bench.scope([present(routed('grafana'))]));

describe('an API that cannot be asked', () => {
  test.each([
    ['open', () => routed('grafana', { backend: 'http://192.168.40.13:4040' })],
    ['put behind its sign-on', () => guarded()],
  ])('leaves a route that was %s there, unproven', async (_what, wanted) => {
    const scope = bench.scope([present(wanted(), await openNow())]);
    const { steps } = await bench.survey(scope);
    const { result } = await bench.ensure(steps, scope, through(nobody));
    expect(result('grafana')).toEqual({ ok: true, did: [`wrote ${bench.directory}/grafana.yml`, unproven] });
    expect((await bench.survey(scope)).steps).toEqual([]);
  });

  test('as it asks for a login is said in the log as well', async () => {
    const scope = bench.scope([present(routed('grafana'))]);
    const { steps } = await bench.survey(scope);
    const warnings: object[] = [];
    const log = { ...bench.ports.log, warn: (fields: object) => void warnings.push(fields) };
    bench.proxy.faults.next({ path: '/api/http/routers', status: 403 });
    const { result } = await bench.ensure(steps, scope, { ports: { ...bench.ports, log } });
    expect(result('grafana')).toMatchObject({ ok: true, did: [expect.any(String), unproven] });
    expect(warnings).toMatchObject([{ problem: { code: 'system-refused' } }]);
    expect(await bench.read('grafana.yml')).toBeDefined();
  });

  test('brings back no file that was removed', async () => {
    const scope = bench.scope([absent(routed('grafana'), await openNow())]);
    const { steps } = await bench.survey(scope);
    const { result } = await bench.ensure(steps, scope, through(nobody));
    expect(result('grafana')).toMatchObject({ ok: true, did: [expect.any(String), unproven] });
    expect(await bench.read('grafana.yml')).toBeUndefined();
  });
});

describe('a step that puts a sign-on in front of an open route', () => {
  const plan = async (wanted = guarded()) => {
    const scope = bench.scope([present(wanted, await openNow())]);
    const { steps } = await bench.survey(scope);
    return { scope, steps };
  };

  test('is the only one without which the deployment does not go on', async () => {
    const fresh = await bench.survey(bench.scope([present(guarded())]));
    const { steps } = await plan();
    const lost = reverse(steps).filter((step) => step.stage === 'traefik');
    const removed = steps.map((step) => ({ ...step, after: null }));
    expect(steps.map((step) => traefik.onFailure(step))).toEqual(['unwind']);
    expect([...fresh.steps, ...lost, ...removed].map((step) => traefik.onFailure(step))).toEqual([
      'degrade',
      'degrade',
      'degrade',
    ]);
  });

  test('that Traefik refuses leaves all as it was, and says that anybody gets in as before', async () => {
    const { scope, steps } = await plan(guarded({ middlewares: ['nowhere@docker'] }));
    const before = await bench.read('grafana.yml');
    const { result } = await bench.ensure(steps, scope);
    expect(result('grafana')).toMatchObject(failed('is still'));
    expect(await bench.read('grafana.yml')).toBe(before);
  });

  test('that meets a file somebody changed meanwhile says only what it knows', async () => {
    const { scope, steps } = await plan();
    await bench.write('grafana.yml', '# mine\n');
    expect((await bench.ensure(steps, scope)).result('grafana')).toMatchObject(failed('may still be'));
    expect(await bench.read('grafana.yml')).toBe('# mine\n');
  });

  test('stays on the way back, also where Traefik does not take what was there', async () => {
    const { scope, steps } = await plan();
    await bench.ensure(steps, scope);
    await bench.write('broken.yml', 'http: {}\n');
    const result = (await bench.undo(steps, scope)).result('grafana');
    expect(result).toMatchObject({ ok: false, touched: true });
    expect(JSON.stringify(result)).not.toContain('reachable without sign-on');
    expect(await bench.read('grafana.yml')).not.toContain('outpost');
  });

  function failed(is: string) {
    const hint = expect.stringContaining(
      `grafana.home.lan ${is} reachable without sign-on, as before.`,
    ) as string;
    return { ok: false, touched: false, problem: { hint } };
  }
});

describe('a file an earlier deployment could not replace', () => {
  test('is ours to take away from where routes were kept before', async () => {
    const first = await openNow();
    const scope = bench.scope([
      present(
        routed('grafana', { backend: 'http://192.168.40.13:4040', middlewares: ['nowhere@docker'] }),
        first,
      ),
    ]);
    const { steps: failed } = await bench.survey(scope);
    expect((await bench.ensure(failed, scope)).result('grafana').ok).toBe(false);
    const moved = { ...bench.system, directory: `${bench.directory}-new` };
    const { steps, risks } = await bench.survey(
      bench.scope([present(routed('grafana'), failed)], { traefik: moved }),
    );
    expect(risks).toEqual([]);
    expect(steps.find(({ after }) => after === null)?.before?.content).toBe(first[0]?.after?.content);
  });
});
