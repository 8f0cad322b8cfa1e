import { afterEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../../lab/authentik/index.ts';
import { createRig, goes, oidc, type Rig, seed, snapshot, wants } from './support.ts';

const rigs: Rig[] = [];
async function rig(): Promise<Rig> {
  const made = await createRig();
  rigs.push(made);
  return made;
}
afterEach(async () => {
  for (const made of rigs.splice(0)) await made.close();
});

/** Rules of every kind, as somebody set them for grafana. */
function restrict({ lab }: Rig): void {
  const server = seed(lab);
  server.binding('grafana', { group: lab.state.groups[0]!.pk, order: 2, negate: true, failure_result: true });
  server.binding('grafana', { user: 4, order: 1, enabled: false, timeout: 5 });
  server.binding('grafana', { policy: '00000000-0000-4000-8000-00000000000a', order: 3 });
}
const provider = (made: Rig) => made.lab.state.providers[0]!;
const application = (made: Rig) => made.lab.state.applications[0]!;

/** The state of the server at each write that succeeded. */
function openMoments({ lab }: Rig) {
  const moments: string[] = [];
  const { state } = lab;
  const look = (): void => {
    for (const { pk, fields } of state.applications) {
      const rules = state.bindings.filter((each) => each.fields['target'] === pk).length;
      if (fields['provider'] !== undefined && fields['provider'] !== null && rules < 3)
        moments.push(`${String(fields['slug'])} has a provider and ${rules} rules`);
    }
  };
  return { look, moments };
}

describe('who may use an application', () => {
  test('is the same after a removal and its way back, without a moment in which all may', async () => {
    const made = await rig();
    await made.deploy(wants('grafana'));
    restrict(made);
    const before = snapshot(made.lab);
    const off = await made.deploy(goes('grafana'));
    expect(made.lab.state.bindings).toEqual([]);
    const { look, moments } = openMoments(made);
    // Every request on the way back sees the world before it takes effect.
    made.lab.faults.next({ path: /./, times: 1000, meanwhile: look });
    await made.undo(off);
    made.lab.faults.clear();
    look();
    expect(snapshot(made.lab)).toEqual(before);
    expect(moments).toEqual([]);
  });

  test('is the same after the login was turned off and on again by the way back', async () => {
    const made = await rig();
    const first = await made.deploy(wants('grafana', oidc));
    restrict(made);
    const before = snapshot(made.lab);
    const off = await made.deploy(wants('grafana', null, first.survey.steps));
    expect(made.lab.state.applications).toEqual([]);
    await made.undo(off);
    expect(snapshot(made.lab)).toEqual(before);
  });

  test.each([
    ['an answer', { method: 'POST', path: /^\/policies\//, reset: true, afterEffect: true }],
    ['a rule', { method: 'POST', path: /^\/policies\//, status: 500 }],
    ['the provider', { method: 'PATCH', path: /^\/core\//, status: 500 }],
  ] as const satisfies readonly (readonly [string, Fault])[])(
    'stays closed when the way back fails at %s, and comes back with the next try',
    async (_, fault) => {
      const made = await rig();
      await made.deploy(wants('grafana'));
      restrict(made);
      const before = snapshot(made.lab);
      const off = await made.deploy(goes('grafana'));
      made.lab.faults.next(fault);
      expect(Object.values(await made.undo(off))).toMatchObject([{ ok: false, touched: false }]);
      expect(made.lab.state).toMatchObject({ applications: [], providers: [], bindings: [] });
      await made.undo(off);
      expect(snapshot(made.lab)).toEqual(before);
    },
  );

  test('is completed where the way back was cut off in its middle', async () => {
    const made = await rig();
    await made.deploy(wants('grafana'));
    restrict(made);
    const before = snapshot(made.lab);
    const off = await made.deploy(goes('grafana'));
    await made.undo(off);
    application(made).fields['provider'] = null;
    made.lab.state.bindings = made.lab.state.bindings.slice(1);
    await made.undo(off);
    expect(snapshot(made.lab)).toEqual(before);
  });

  test('is put back when the removal itself fails', async () => {
    const made = await rig();
    await made.deploy(wants('grafana'));
    restrict(made);
    const before = snapshot(made.lab);
    const { look, moments } = openMoments(made);
    made.lab.faults.next({ method: 'DELETE', path: /^\/providers\//, status: 500 });
    made.lab.faults.next({ path: /./, times: 1000, meanwhile: look });
    const { results } = await made.deploy(goes('grafana'));
    made.lab.faults.clear();
    expect(Object.values(results)).toMatchObject([{ ok: false, touched: false }]);
    expect(snapshot(made.lab)).toEqual(before);
    expect(moments).toEqual([]);
  });

  test('is never changed where the application is there, and is no difference', async () => {
    const made = await rig();
    const first = await made.deploy(wants('grafana'));
    restrict(made);
    const { bindings } = made.lab.state;
    expect((await made.survey([wants('grafana')])).steps).toEqual([]);
    expect((await made.survey([goes('grafana', {}, first.survey.steps)])).steps).toHaveLength(1);
    const changed = await made.deploy(wants('grafana', { group: 'Other' }));
    expect(changed.survey.steps[0]!.changes.map(({ what }) => what)).toEqual(['group']);
    made.lab.state.bindings = bindings.slice(1);
    await made.undo(changed);
    expect(made.lab.state.bindings).toEqual(bindings.slice(1));
  });

  test('goes along to another slug', async () => {
    const made = await rig();
    await made.deploy(wants('grafana'));
    restrict(made);
    application(made).fields['policy_engine_mode'] = 'all';
    const [before] = snapshot(made.lab).applications;
    const moved = await made.deploy(wants('grafana', { slug: 'metrics' }));
    expect(snapshot(made.lab).applications).toMatchObject([
      { slug: 'metrics', policy_engine_mode: 'all', bindings: before!.bindings },
    ]);
    await made.undo(moved);
    expect(snapshot(made.lab).applications).toEqual([before]);
  });
});

describe('what else a person set', () => {
  test.each([
    [
      'a proxy',
      {},
      { access_token_validity: 'hours=1', intercept_header_auth: false, internal_host_ssl_validation: false },
    ],
    ['a login', oidc, { access_token_validity: 'minutes=5', sub_mode: 'user_email', property_mappings: [] }],
  ])('on the application and on %s is there after a removal and its way back', async (_, wish, fields) => {
    const made = await rig();
    await made.deploy(wants('grafana', wish));
    Object.assign(application(made).fields, {
      ...{ meta_description: 'by hand', policy_engine_mode: 'all', open_in_new_tab: true, meta_hide: true },
    });
    Object.assign(provider(made).fields, fields);
    const before = snapshot(made.lab);
    await made.undo(await made.deploy(goes('grafana', wish)));
    expect(snapshot(made.lab)).toEqual(before);
  });

  test('with the addresses after signing off, and without any secret in the plan', async () => {
    const made = await rig();
    await made.deploy(wants('grafana', oidc));
    const { fields } = provider(made);
    const leaving = {
      ...{ matching_mode: 'strict', url: 'https://grafana.home.lan/off', redirect_uri_type: 'logout' },
    };
    fields['redirect_uris'] = [...(fields['redirect_uris'] as object[]), leaving];
    const before = snapshot(made.lab);
    const off = await made.deploy(goes('grafana', oidc));
    expect(JSON.stringify(off.survey)).not.toContain('c4n4ry');
    await made.undo(off);
    expect(snapshot(made.lab)).toEqual(before);
  });

  test('on a provider comes back when another kind took its place for a while', async () => {
    const made = await rig();
    const { survey } = await made.deploy(wants('grafana', oidc));
    provider(made).fields['access_token_validity'] = 'minutes=5';
    const before = snapshot(made.lab);
    const other = await made.deploy(wants('grafana', {}, survey.steps));
    expect(provider(made).fields['access_token_validity']).toBeUndefined();
    await made.undo(other);
    expect(snapshot(made.lab)).toEqual(before);
  });
});

describe('a provider that an interrupted change left alone', () => {
  test('is taken away by a removal, with its place on the outpost, and comes back with the way back', async () => {
    const made = await rig();
    const first = await made.deploy(wants('grafana'));
    made.lab.state.applications = [];
    const before = snapshot(made.lab);
    const off = await made.deploy(goes('grafana', null, first.survey.steps));
    expect(off.survey.steps).toMatchObject([{ target: 'sign-on grafana', after: null }]);
    expect(made.lab.state.providers).toEqual([]);
    expect(made.lab.state.outposts[0]!.providers).toEqual([]);
    await made.undo(off);
    expect(snapshot(made.lab)).toEqual(before);
  });

  test('is taken away when a first deployment got no further, and no record names it', async () => {
    const made = await rig();
    await made.deploy(wants('grafana', oidc));
    made.lab.state.applications = [];
    const off = await made.deploy(goes('grafana', oidc));
    expect(off.survey.steps).toHaveLength(1);
    expect(made.lab.state.providers).toEqual([]);
    expect((await made.survey([goes('grafana', oidc)])).steps).toEqual([]);
  });

  test('is taken away beside an application that has the other kind by now', async () => {
    const made = await rig();
    await made.deploy(wants('grafana', oidc));
    seed(made.lab).serve(seed(made.lab).provider('grafana (Sentinel)'));
    const { survey } = await made.deploy(wants('grafana', oidc));
    expect(survey.steps).toMatchObject([{ target: 'provider grafana (Sentinel)', after: null }]);
    expect(snapshot(made.lab).providers.map(({ kind }) => kind)).toEqual(['oauth2']);
  });

  test('stays where an application has it by now, and where it is wanted', async () => {
    const made = await rig();
    const first = await made.deploy(wants('grafana'));
    const [kept] = made.lab.state.applications;
    made.lab.state.applications = [];
    const services = [goes('grafana', {}, first.survey.steps)];
    const { steps } = await made.survey(services);
    expect((await made.survey([wants('grafana')])).steps).toMatchObject([{ before: null }]);
    made.lab.state.applications = [kept!];
    await made.ensure(steps, services);
    expect(made.lab.state.providers).toHaveLength(1);
  });
});

describe('paths without a login', () => {
  test.each(['.*', '^/', '^/$', '(?i)^/.*'])(
    'that come to take in the front page need a yes: %s',
    async (open) => {
      const made = await rig();
      await made.deploy(wants('grafana'));
      const { risks } = await made.survey([wants('grafana', { skipPaths: ['^/api', open] })]);
      expect(risks).toMatchObject([
        {
          code: 'sign-on-removed',
          alwaysApprove: true,
          message: expect.stringContaining(`“${open}”`) as string,
        },
      ]);
    },
  );

  test('that do not, or did before, or belong to what is new, need none', async () => {
    const made = await rig();
    expect((await made.survey([wants('grafana', { skipPaths: ['.*'] })])).risks).toEqual([]);
    const open = await made.deploy(wants('grafana', { skipPaths: ['.*'] }));
    expect((await made.survey([wants('grafana', { skipPaths: ['^/'] }, open.survey.steps)])).risks).toEqual(
      [],
    );
    expect((await made.survey([wants('grafana', { skipPaths: ['^/api'] })])).risks).toEqual([]);
  });

  test('need a yes as well where the slug changes with them', async () => {
    const made = await rig();
    await made.deploy(wants('grafana'));
    const { risks } = await made.survey([wants('grafana', { slug: 'metrics', skipPaths: ['.*'] })]);
    expect(risks).toMatchObject([{ code: 'sign-on-removed' }]);
  });
});
