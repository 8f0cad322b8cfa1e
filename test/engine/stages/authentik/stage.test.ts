import { afterEach, describe, expect, test } from 'vitest';
import { createAuthentik } from '../../../../engine/providers/authentik/authentik.ts';
import { embeddedName, type Fault } from '../../../../lab/authentik/index.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';
import type { SignOn } from '../../../../engine/types.ts';
import { eventually } from '../../../eventually.ts';
import {
  createRig,
  type Deployed,
  goes,
  oidc,
  type Rig,
  type RigOptions,
  seed,
  snapshot,
  wants,
} from './support.ts';

const rigs: Rig[] = [];
async function rig(options: RigOptions = {}): Promise<Rig> {
  const made = await createRig(options);
  rigs.push(made);
  return made;
}
afterEach(async () => {
  for (const made of rigs.splice(0)) await made.close();
});

const succeeded = ({ results }: Pick<Deployed, 'results'>) =>
  Object.values(results).every(({ ok }) => ok) ? 'all' : results;

const methods: Readonly<Record<SignOn['method'], Partial<SignOn>>> = {
  forward_auth: {},
  proxy: { method: 'proxy', backend: 'http://192.168.40.13:3030' },
  forward_domain: { method: 'forward_domain', skipPaths: [] },
  oidc,
};

describe.each(Object.entries(methods))('a service with %s', (_, wish) => {
  test('is made, found equal afterwards, and gone after the way back', async () => {
    const { lab, deploy, survey, undo } = await rig();
    seed(lab).serve(seed(lab).provider('somebody'));
    const before = snapshot(lab);
    const done = await deploy(wants('grafana', wish));
    expect(succeeded(done)).toBe('all');
    expect(snapshot(lab)).not.toEqual(before);
    const again = await survey([wants('grafana', wish)]);
    expect(again.steps).toEqual([]);
    expect(again.proofs['grafana']?.[0]).toMatch(/has grafana: /);
    expect(Object.values(await undo(done)).every(({ ok }) => ok)).toBe(true);
    expect(snapshot(lab)).toEqual(before);
  });

  test('is taken away, and made again as it was by the way back', async () => {
    const { lab, deploy, survey, undo } = await rig();
    await deploy(wants('grafana', wish));
    const before = snapshot(lab);
    const done = await deploy(goes('grafana', wish));
    expect(succeeded(done)).toBe('all');
    expect(lab.state.applications).toEqual([]);
    expect(lab.state.providers).toEqual([]);
    expect((await survey([goes('grafana', wish)])).steps).toEqual([]);
    await undo(done);
    expect(snapshot(lab)).toEqual(before);
  });

  test.each(Object.entries(methods))('can become one with %s and back', async (_other, next) => {
    const { lab, deploy, survey, undo } = await rig();
    const { survey: first } = await deploy(wants('grafana', wish));
    const before = snapshot(lab);
    const done = await deploy(wants('grafana', next, first.steps));
    expect(succeeded(done)).toBe('all');
    expect((await survey([wants('grafana', next)])).steps).toEqual([]);
    expect(lab.state.providers.length).toBe(next.method === 'forward_domain' ? 0 : 1);
    await undo(done);
    expect((await survey([wants('grafana', wish)])).steps).toEqual([]);
    // What only counts in the other mode stays behind.
    expect(withoutInner(snapshot(lab))).toEqual(withoutInner(before));
  });
});

function withoutInner(world: ReturnType<typeof snapshot>) {
  return { ...world, providers: world.providers.map((each) => ({ ...each, internal_host: '' })) };
}

test('the provider, the application and the outpost say what the definition says', async () => {
  const { lab, deploy } = await rig();
  const done = await deploy(wants('grafana', methods.proxy), wants('jellyfin', oidc));
  expect(succeeded(done)).toBe('all');
  const [proxy, login] = ['proxy', 'oauth2'].map((kind) =>
    lab.state.providers.find((each) => each.kind === kind)!,
  );
  expect(proxy!.fields).toMatchObject({
    name: 'grafana (Sentinel)',
    mode: 'proxy',
    external_host: 'https://grafana.home.lan',
    internal_host: 'http://192.168.40.13:3030',
    skip_path_regex: '^/api/health$',
  });
  expect(login!.fields).toMatchObject({
    client_id: 'grafana-login',
    client_secret: 'c4n4ry-client-secret',
    signing_key: lab.state.certificates[0]!.pk,
    redirect_uris: [{ matching_mode: 'strict', url: 'https://grafana.home.lan/login/generic_oauth' }],
  });
  expect(login!.fields['property_mappings']).toEqual(lab.state.scopes.slice(0, 3).map(({ pk }) => pk));
  expect(lab.state.applications.map(({ fields }) => fields)).toContainEqual({
    slug: 'grafana',
    name: 'GRAFANA',
    group: 'Media',
    meta_launch_url: 'https://grafana.home.lan',
    meta_publisher: 'Sentinel (grafana)',
    provider: proxy!.pk,
  });
  expect(lab.state.outposts[0]!.providers).toEqual([proxy!.pk]);
});

test('what the outpost answers follows: no app, then a login, then the service', async () => {
  const { lab, deploy } = await rig();
  const ask = (cookie = '') =>
    fetch(`${lab.url}/outpost.goauthentik.io/auth/traefik`, {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'grafana.home.lan', 'x-forwarded-uri': '/', cookie },
    });
  expect((await ask()).status).toBe(404);
  await deploy(wants('grafana'));
  const answer = await ask();
  expect([answer.status, answer.headers.get('location')?.startsWith(lab.url)]).toEqual([302, true]);
  expect((await ask(lab.cookie)).status).toBe(200);
});

test('another slug makes the new application first and takes the old one away last', async () => {
  const { lab, deploy, survey } = await rig();
  await deploy(wants('grafana'));
  const done = await deploy(wants('grafana', { slug: 'metrics' }));
  expect(done.survey.steps.map(({ target, cause }) => `${target}: ${cause}`)).toEqual([
    'sign-on metrics: Authentik has no application metrics',
    'sign-on grafana: grafana signs on as metrics now',
  ]);
  expect(succeeded(done)).toBe('all');
  expect(snapshot(lab).applications.map(({ provider }) => provider)).toEqual(['metrics (Sentinel)']);
  expect((await survey([wants('grafana', { slug: 'metrics' })])).steps).toEqual([]);
});

test('a change leaves alone what a definition does not say', async () => {
  const { lab, deploy } = await rig();
  await deploy(wants('grafana', oidc), wants('jellyfin'));
  const application = lab.state.applications.find(({ fields }) => fields['slug'] === 'grafana')!;
  Object.assign(application.fields, { meta_description: 'by hand', open_in_new_tab: true });
  const login = lab.state.providers.find(({ kind }) => kind === 'oauth2')!;
  const off = { matching_mode: 'strict', url: 'https://grafana.home.lan/off', redirect_uri_type: 'logout' };
  Object.assign(login.fields, {
    access_token_validity: 'hours=1',
    redirect_uris: [...(login.fields['redirect_uris'] as object[]), off],
  });
  const config = { ...lab.state.outposts[0]!.config };
  const moved = {
    ...oidc,
    group: 'Monitoring',
    oidc: { ...oidc.oidc, redirectUris: ['https://new.lan/cb'] },
  };
  expect(succeeded(await deploy(wants('grafana', moved), wants('jellyfin')))).toBe('all');
  expect(application.fields).toMatchObject({
    group: 'Monitoring',
    meta_description: 'by hand',
    open_in_new_tab: true,
  });
  expect(login.fields['access_token_validity']).toBe('hours=1');
  expect(login.fields['redirect_uris']).toMatchObject([{ url: 'https://new.lan/cb' }, off]);
  expect(lab.state.outposts[0]!.config).toEqual(config);
});

describe('somebody else’s things', () => {
  test('an application with the same slug stays, and the plan says so', async () => {
    const { lab, deploy } = await rig();
    seed(lab).application('grafana', { meta_publisher: 'Grafana Labs' });
    const before = snapshot(lab);
    const { survey } = await deploy(wants('grafana'), wants('jellyfin'));
    expect(survey.risks).toMatchObject([{ code: 'conflict', service: 'grafana' }]);
    expect(survey.steps.map(({ service }) => service)).toEqual(['jellyfin']);
    expect(snapshot(lab).applications).toEqual(expect.arrayContaining(before.applications));
  });

  test('so does one that Sentinel made for another service, and a provider of our name in another application', async () => {
    const { lab, survey } = await rig();
    seed(lab).application('grafana', { meta_publisher: 'Sentinel (metrics)' });
    seed(lab).application('theirs', { provider: seed(lab).provider('jellyfin (Sentinel)') });
    const { steps, risks } = await survey([wants('grafana'), wants('jellyfin')]);
    expect(steps).toEqual([]);
    expect(risks.map(({ code, message }) => [code, message])).toEqual([
      ['conflict', expect.stringContaining('that Sentinel made for metrics')],
      ['conflict', expect.stringContaining('that belongs to the application theirs')],
    ]);
  });

  test('an application of ours that somebody gave another kind of provider is left alone', async () => {
    const { lab, deploy, survey } = await rig();
    await deploy(wants('grafana', methods.forward_domain));
    lab.state.applications[0]!.fields['provider'] = seed(lab).provider('directory', {}, 'ldap');
    const { steps, risks } = await survey([wants('grafana', methods.forward_domain)]);
    expect(steps).toEqual([]);
    expect(risks).toContainEqual(expect.objectContaining({ code: 'conflict' }));
  });

  test('one that came between plan and deployment is neither changed, nor deleted by the way back', async () => {
    const { lab, survey, ensure, undo } = await rig();
    const services = [wants('grafana')];
    const planned = await survey(services);
    seed(lab).application('grafana', { meta_publisher: 'Grafana Labs' });
    const before = snapshot(lab);
    const results = await ensure(planned.steps, services);
    expect(Object.values(results)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'conflict' } },
    ]);
    await undo({ survey: planned, services, results });
    expect(snapshot(lab)).toEqual(before);
  });

  test('entries of the outpost stay through deployment, change and removal', async () => {
    const { lab, deploy } = await rig();
    const theirs = [seed(lab).provider('a'), seed(lab).provider('b')];
    seed(lab).serve(...theirs);
    await deploy(wants('grafana'), wants('jellyfin'));
    await deploy(wants('grafana', { group: 'Other' }), goes('jellyfin'));
    expect(lab.state.outposts[0]!.providers.slice(0, 2)).toEqual(theirs);
    await deploy(goes('grafana'));
    expect(lab.state.outposts[0]!.providers).toEqual(theirs);
  });
});

describe('what is ours and no longer as we left it', () => {
  const ownedBy = ({ survey }: Deployed) => survey.steps.map((step) => ({ ...step }));

  test('is left there when it is no longer wanted, and the plan says so', async () => {
    const { lab, deploy, survey } = await rig();
    const owned = ownedBy(await deploy(wants('grafana')));
    lab.state.applications[0]!.fields['group'] = 'by hand';
    const { steps, risks } = await survey([goes('grafana', {}, owned)]);
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([
      { code: 'system-left', message: expect.stringContaining('group') as string },
    ]);
  });

  test('is put back where it is wanted, also when somebody took our mark away', async () => {
    const { lab, deploy, survey } = await rig();
    const owned = ownedBy(await deploy(wants('grafana')));
    Object.assign(lab.state.applications[0]!.fields, { group: 'by hand', meta_publisher: '' });
    lab.state.outposts[0]!.providers = [];
    const drift = await deploy(wants('grafana', {}, owned));
    expect(drift.survey.steps[0]!.changes).toEqual([
      { what: 'group', before: 'by hand', after: 'Media' },
      { what: 'outpost', before: null, after: embeddedName },
    ]);
    expect(succeeded(drift)).toBe('all');
    expect((await survey([wants('grafana', {}, owned)])).steps).toEqual([]);
  });

  test('has a client secret that cannot be put back, which the step says', async () => {
    const { lab, deploy, survey } = await rig();
    await deploy(wants('grafana', oidc));
    lab.state.providers[0]!.fields['client_secret'] = 'rotated by hand';
    const { steps } = await survey([wants('grafana', oidc)]);
    expect(steps[0]).toMatchObject({ irreversible: expect.stringContaining('client secret') as string });
    expect(JSON.stringify(steps)).not.toContain('rotated by hand');
  });
});

describe('a step that fails', () => {
  const writes: readonly (readonly [string, Fault])[] = [
    ['the provider', { method: 'POST', path: /^\/providers\/proxy\/$/, status: 500 }],
    ['the application', { method: 'POST', path: /^\/core\/applications\/$/, status: 500 }],
    ['the outpost', { method: 'PATCH', path: /^\/outposts\//, status: 403, body: { detail: 'no' } }],
    [
      'the answer about the provider',
      { method: 'POST', path: /^\/providers\//, reset: true, afterEffect: true },
    ],
    [
      'the answer about the application',
      { method: 'POST', path: /^\/core\//, reset: true, afterEffect: true },
    ],
    [
      'the answer about the outpost',
      { method: 'PATCH', path: /^\/outposts\//, reset: true, afterEffect: true },
    ],
  ];
  test.each(writes)('at %s leaves everything as it was', async (_, fault) => {
    const { lab, deploy, survey } = await rig();
    seed(lab).serve(seed(lab).provider('somebody'));
    const before = snapshot(lab);
    lab.faults.next(fault);
    const { results } = await deploy(wants('grafana'));
    expect(Object.values(results)).toMatchObject([{ ok: false, touched: false }]);
    expect(snapshot(lab)).toEqual(before);
    expect(succeeded(await deploy(wants('grafana')))).toBe('all');
    expect((await survey([wants('grafana')])).steps).toEqual([]);
  });

  const changes: readonly (readonly [string, Fault])[] = [
    ['the provider', { method: 'PATCH', path: /^\/providers\//, reset: true, afterEffect: true }],
    ['the application', { method: 'PATCH', path: /^\/core\//, status: 502 }],
  ];
  test.each(changes)('while changing %s leaves everything as it was', async (_, fault) => {
    const { lab, deploy } = await rig();
    await deploy(wants('grafana'));
    const before = snapshot(lab);
    lab.faults.next(fault);
    const { results } = await deploy(wants('grafana', { group: 'Other', skipPaths: ['^/x'] }));
    expect(Object.values(results)).toMatchObject([{ ok: false, touched: false }]);
    expect(snapshot(lab)).toEqual(before);
  });

  const removals: readonly (readonly [string, Fault])[] = [
    ['the application', { method: 'DELETE', path: /^\/core\//, status: 403, body: { detail: 'no' } }],
    ['the provider', { method: 'DELETE', path: /^\/providers\//, status: 500 }],
    [
      'the answer about the application',
      { method: 'DELETE', path: /^\/core\//, reset: true, afterEffect: true },
    ],
  ];
  test.each(removals)('while deleting %s leaves everything as it was', async (_, fault) => {
    const { lab, deploy } = await rig();
    await deploy(wants('grafana'));
    lab.state.applications[0]!.fields['meta_description'] = 'by hand';
    const before = snapshot(lab);
    lab.faults.next(fault);
    const { results } = await deploy(goes('grafana'));
    expect(Object.values(results)).toMatchObject([{ ok: false, touched: false }]);
    expect(snapshot(lab)).toEqual(before);
  });

  test('says so when it cannot be put back, and its neighbours are made all the same', async () => {
    const { lab, deploy } = await rig();
    lab.faults.next({ method: 'POST', path: /^\/core\/applications\/$/, status: 500 });
    lab.faults.next({ method: 'DELETE', path: /^\/providers\//, status: 500 });
    const { results } = await deploy(wants('grafana'), wants('jellyfin'));
    const all = Object.values(results);
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(all.find(({ ok }) => !ok)).toMatchObject({
      touched: true,
      problem: { hint: expect.stringMatching(/stays closed until this is done/) as string },
    });
  });
});

describe('a half-finished deployment', () => {
  test.each(['only the provider', 'no place on the outpost', 'an application without its provider'])(
    'that left %s is finished by the next one, and can be taken back',
    async (what) => {
      const { lab, deploy, survey, ensure } = await rig();
      const empty = snapshot(lab);
      const first = await deploy(wants('grafana'));
      const whole = snapshot(lab);
      const { state } = lab;
      if (what !== 'an application without its provider') state.outposts[0]!.providers = [];
      if (what === 'only the provider') state.applications = [];
      if (what === 'an application without its provider') state.applications[0]!.fields['provider'] = null;
      const { results } = await deploy(wants('grafana'));
      expect(succeeded({ results })).toBe('all');
      expect(snapshot(lab)).toEqual(whole);
      // The very steps of the first deployment again, as after a crash: nothing to do, and back they lead to nothing.
      expect(Object.values(await ensure(first.survey.steps, first.services))).toEqual([
        { ok: true, did: [] },
      ]);
      if (what === 'only the provider') state.applications = [];
      const back = first.survey.steps.map((step) => ({ ...step, before: step.after, after: step.before }));
      await ensure(back, first.services);
      expect(snapshot(lab)).toEqual(empty);
      expect((await survey([goes('grafana')])).steps).toEqual([]);
    },
  );

  test('that removed the application only is finished as well', async () => {
    const { lab, deploy, survey, ensure } = await rig();
    await deploy(wants('grafana'));
    const services = [goes('grafana')];
    const planned = await survey(services);
    lab.state.applications = [];
    expect(succeeded({ results: await ensure(planned.steps, services) })).toBe('all');
    expect(lab.state.providers).toEqual([]);
  });
});

describe('several at once', () => {
  test('eight services of one deployment are all served', async () => {
    const { lab, deploy } = await rig();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(succeeded(await deploy(...names.map((name) => wants(name))))).toBe('all');
    expect(lab.state.outposts[0]!.providers).toHaveLength(8);
  });

  test('two Sentinels that write the outpost at the same moment both keep their entry', async () => {
    const { lab, ports, system, survey, provider } = await rig();
    // Another address of the same server: nothing in this process can keep the two apart.
    const elsewhere = { ...system, url: system.url.replace('127.0.0.1', 'localhost') };
    const other = createAuthentik(elsewhere, { ...ports, log: quietLog, settleMs: 100 });
    const { steps } = await survey([wants('grafana'), wants('jellyfin')]);
    const [one, two] = steps;
    const { signal } = new AbortController();
    // The first has read the list; before it writes, the second reads and writes. So the first one's list lacks it.
    lab.faults.next({
      method: 'PATCH',
      path: /^\/outposts\//,
      meanwhile: async () => {
        lab.faults.clear();
        await eventually(() => lab.state.outposts[0]!.providers.length > 0);
      },
    });
    const first = provider.ensure(one!, signal);
    await eventually(() => lab.state.applications.length === 1);
    const both = await Promise.all([first, other.ensure(two!, signal)]);
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    expect(lab.state.outposts[0]!.providers).toHaveLength(2);
    await other.close();
  });

  test('an entry that is taken away again and again ends in a problem, with everything put back', async () => {
    const { lab, deploy } = await rig();
    const before = snapshot(lab);
    lab.faults.next({
      path: /^\/outposts\//,
      times: 11,
      meanwhile: () => void (lab.state.outposts[0]!.providers = []),
    });
    const { results } = await deploy(wants('grafana'));
    lab.faults.clear();
    expect(Object.values(results)).toMatchObject([{ ok: false, problem: { code: 'system-busy' } }]);
    expect(snapshot(lab)).toEqual(before);
  });
});

describe('planning', () => {
  test('does not talk to Authentik where nobody wants or has anything there', async () => {
    const { lab, survey } = await rig();
    expect(await survey([wants('grafana', null)])).toMatchObject({ steps: [], risks: [], problems: [] });
    expect(lab.state.requests).toEqual([]);
  });

  test('reads each kind of thing once, however many services there are', async () => {
    const { lab, survey } = await rig();
    await survey(['a', 'b', 'c'].map((name) => wants(name)));
    expect(lab.state.requests.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'GET /core/applications/',
      'GET /core/users/me/',
      'GET /flows/instances/',
      'GET /outposts/instances/',
      'GET /policies/bindings/',
      'GET /providers/oauth2/',
      'GET /providers/proxy/',
    ]);
  });

  test('a system that does not answer, a wrong token and a flow nobody has are problems', async () => {
    const { lab, survey } = await rig();
    await lab.down();
    expect((await survey([wants('a')])).problems).toMatchObject([{ code: 'system-unreachable' }]);
    await lab.up();
    const wrong = await rig({ token: 'c4n4ry-token' });
    const { problems } = await wrong.survey([wants('a')]);
    expect(problems).toMatchObject([
      { code: 'system-refused', message: expect.stringContaining('token') as string },
    ]);
    expect(JSON.stringify(problems)).not.toContain('c4n4ry');
    const lost = await rig({ system: { authorizationFlow: 'renamed' } });
    expect((await lost.survey([wants('a'), wants('b')])).problems).toMatchObject([
      { code: 'system-rejected', message: expect.stringContaining('renamed') as string },
    ]);
  });

  test('turning the login off without a route to say so says so here', async () => {
    const { deploy, survey } = await rig();
    await deploy(wants('grafana', oidc));
    const off = wants('grafana', null);
    const owned = [...(await survey([goes('grafana', oidc)])).steps].map((step) => ({
      ...step,
      before: null,
      after: step.before,
    }));
    const bare = { ...off, owned, service: { ...off.service, route: null } };
    expect((await survey([bare])).risks).toMatchObject([{ code: 'sign-on-removed', alwaysApprove: true }]);
    expect((await survey([{ ...off, owned }])).risks).toEqual([]);
  });

  test('a domain nobody guards is a risk, one that is guarded and served is none', async () => {
    const { lab, survey } = await rig();
    const wish = methods.forward_domain;
    expect((await survey([wants('grafana', wish)])).risks).toMatchObject([{ code: 'system-missing' }]);
    const domain = seed(lab).provider('domain', { mode: 'forward_domain', cookie_domain: 'home.lan' });
    seed(lab).application('domain', { provider: domain });
    expect((await survey([wants('grafana', wish)])).risks[0]?.message).toContain('does not serve it');
    seed(lab).serve(domain);
    expect((await survey([wants('grafana', wish)])).risks).toEqual([]);
  });
});
