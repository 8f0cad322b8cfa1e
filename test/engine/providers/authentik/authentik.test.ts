import { afterEach, describe, expect, test } from 'vitest';
import { ProblemError } from '../../../../engine/problems.ts';
import { createAuthentik } from '../../../../engine/providers/authentik/authentik.ts';
import { wantedState } from '../../../../engine/stages/authentik/wanted.ts';
import type { SignOnState } from '../../../../engine/types.ts';
import { embeddedName } from '../../../../lab/authentik/index.ts';
import { eventually } from '../../../eventually.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';
import {
  clientSecret,
  createRig,
  oidc,
  type Rig,
  type RigOptions,
  seed,
  signOn,
  snapshot,
  systemOf,
} from '../../stages/authentik/support.ts';

const rigs: Rig[] = [];
async function rig(options: RigOptions = {}): Promise<Rig> {
  const made = await createRig(options);
  rigs.push(made);
  return made;
}
afterEach(async () => {
  for (const made of rigs.splice(0)) await made.close();
});
const { signal } = new AbortController();

function wanted(name: string, more: Parameters<typeof signOn>[1] = {}): SignOnState {
  const made = wantedState(signOn(name, more), { system: systemOf('http://lab'), outpost: embeddedName });
  if (!made.ok) throw new Error(made.lacks);
  return made.state;
}
/** Without what only a person can have set. */
function said(state: SignOnState): SignOnState {
  const { provider } = state;
  return { ...state, settings: '', provider: provider === null ? null : { ...provider, settings: '' } };
}
const make = (name: string, after = wanted(name)) => ({ before: null, after, service: name });

async function problemOf(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProblemError)) throw new Error(`no problem: ${String(error)}`);
  return error.problem;
}

describe('reading', () => {
  test('tells applications with their providers, marks, outpost and flows', async () => {
    const { lab, provider } = await rig();
    await provider.ensure(make('grafana'), signal);
    seed(lab).application('theirs', { provider: seed(lab).provider('Their provider') });
    seed(lab).application('directory', { provider: seed(lab).provider('LDAP', {}, 'ldap') });
    const view = await provider.list([], signal);
    expect(view.outpost).toBe(embeddedName);
    expect(view.flows).toContain('default-provider-invalidation-flow');
    expect(view.applications.map(({ state, ...rest }) => [state.slug, state.outpost, rest])).toEqual([
      ['grafana', embeddedName, { service: 'grafana', foreignProvider: null }],
      ['theirs', null, { service: null, foreignProvider: null }],
      ['directory', null, { service: null, foreignProvider: 'LDAP' }],
    ]);
    expect(said(view.applications[0]!.state)).toEqual(wanted('grafana'));
    expect(view.providers).toContainEqual({ name: 'Their provider', application: 'theirs' });
  });

  test('follows the pages of a long list', async () => {
    const { lab, provider } = await rig();
    for (let index = 0; index < 230; index += 1) seed(lab).application(`app-${index}`);
    expect((await provider.list([], signal)).applications).toHaveLength(230);
  });

  test('tells a client secret by its name, and never by its value', async () => {
    const { provider } = await rig();
    await provider.ensure(make('grafana', wanted('grafana', oidc)), signal);
    const asked = (name: string | null) => provider.list([{ slug: 'grafana', clientSecret: name }], signal);
    const secretOf = async (name: string | null) => (await asked(name)).applications[0]!.state.provider;
    expect(await secretOf('OIDC_SECRET')).toMatchObject({ clientSecret: 'OIDC_SECRET' });
    expect(await secretOf('OTHER_SECRET')).toMatchObject({ clientSecret: null });
    expect(await secretOf('NO_SUCH_SECRET')).toMatchObject({ clientSecret: null });
    expect(JSON.stringify(await asked('OIDC_SECRET'))).not.toContain(clientSecret);
  });

  test('finds what the list hides from a login that is no superuser', async () => {
    const { lab, provider } = await rig({ superuser: false, mayUse: () => false });
    seed(lab).application('hidden', { meta_publisher: 'somebody' });
    await provider.ensure(make('grafana'), signal);
    const view = await provider.list([{ slug: 'hidden', clientSecret: null }], signal);
    // The second is nobody's wish; our provider leads to it.
    expect(view.applications.map(({ state }) => state.slug)).toEqual(['hidden', 'grafana']);
  });

  test('reads redirect addresses that are expressions, and keeps them so on the way back', async () => {
    const { lab, provider } = await rig();
    const state = wanted('grafana', oidc);
    await provider.ensure(make('grafana', state), signal);
    const entries = [{ matching_mode: 'regex', url: 'https://.*\\.lan/cb' }];
    lab.state.providers[0]!.fields['redirect_uris'] = entries;
    const [before] = (await provider.list([{ slug: 'grafana', clientSecret: 'OIDC_SECRET' }], signal))
      .applications;
    await provider.ensure({ before: before!.state, after: state, service: 'grafana' }, signal);
    await provider.ensure({ before: state, after: before!.state, service: 'grafana' }, signal);
    expect(lab.state.providers[0]!.fields['redirect_uris']).toMatchObject(entries);
  });

  test('an outpost of that name that does not exist is a problem that names those that do', async () => {
    const { provider } = await rig({ system: { outpost: 'edge' } });
    expect(await problemOf(provider.list([], signal))).toMatchObject({
      code: 'system-rejected',
      message: expect.stringContaining('“edge”') as string,
      hint: expect.stringContaining(embeddedName) as string,
    });
  });
});

describe('a release from before late 2024', () => {
  test('has no flow for signing off, and nothing differs for it', async () => {
    const { lab, provider } = await rig({ invalidationFlows: false });
    lab.state.flows = lab.state.flows.filter(({ slug }) => slug !== 'default-provider-invalidation-flow');
    // Such a server answers in a shape the description of today does not have.
    const done = await provider.ensure(make('grafana'), signal);
    expect(done.ok).toBe(true);
    const [found] = (await provider.list([], signal)).applications;
    expect(said(found!.state)).toEqual(wanted('grafana'));
    rigs.splice(0);
    await provider.close();
    await lab.close().catch(() => undefined);
  });
});

describe('writing', () => {
  test('an outpost by name is changed, and no other', async () => {
    const { lab, provider } = await rig({ system: { outpost: 'edge' } });
    const their = seed(lab).provider('their');
    lab.state.outposts.push({
      pk: '00000000-0000-4000-8000-0000000000aa',
      name: 'edge',
      type: 'proxy',
      managed: null,
      providers: [their],
      config: { authentik_host: 'https://auth.lan' },
    });
    const state = { ...wanted('grafana'), outpost: 'edge' };
    await provider.ensure(make('grafana', state), signal);
    expect(snapshot(lab).outposts.map(({ providers }) => providers)).toEqual([
      [],
      ['grafana (Sentinel)', 'their'],
    ]);
    await provider.ensure({ before: state, after: null, service: 'grafana' }, signal);
    expect(lab.state.outposts[1]!.providers).toEqual([their]);
  });

  test('what is there already is not written again', async () => {
    const { lab, provider } = await rig();
    await provider.ensure(make('grafana'), signal);
    const writes = () => lab.state.requests.filter(({ method }) => method !== 'GET').length;
    const before = writes();
    expect(await provider.ensure(make('grafana'), signal)).toEqual({ ok: true, did: [] });
    expect(writes()).toBe(before);
  });

  test('an outpost’s list is written with its type and without its configuration', async () => {
    const { lab, provider } = await rig();
    await provider.ensure(make('grafana'), signal);
    const [patch] = lab.state.requests.filter(
      ({ path, method }) => method === 'PATCH' && /outposts/.test(path),
    );
    expect(patch!.body).toEqual({ type: 'proxy', providers: [1] });
  });

  test('an application and a provider that appear in between are taken up where they are ours', async () => {
    const { lab, provider } = await rig();
    // Both exist by the time they are made: the same Sentinel, whose first answers got lost.
    lab.faults.next({
      method: 'POST',
      path: /^\/providers\/proxy\/$/,
      meanwhile: () => void seed(lab).provider('grafana (Sentinel)', { external_host: 'https://other.lan' }),
    });
    lab.faults.next({
      method: 'POST',
      path: /^\/core\/applications\/$/,
      meanwhile: () => seed(lab).application('grafana', { meta_publisher: 'Sentinel (grafana)' }),
    });
    expect(await provider.ensure(make('grafana'), signal)).toMatchObject({ ok: true });
    expect((await provider.list([], signal)).applications.map(({ state }) => said(state))).toEqual([
      wanted('grafana'),
    ]);
  });

  test('a refusal is told field by field, without any secret', async () => {
    const { lab, provider } = await rig();
    const body = {
      external_host: [`Enter a valid URL, not ${clientSecret}.`],
      client_secret: ['“something” is too short'],
    };
    lab.faults.next({ method: 'POST', path: /providers/, status: 400, body });
    const done = await provider.ensure(make('grafana', wanted('grafana', oidc)), signal);
    if (done.ok) throw new Error('it was taken');
    expect(done).toMatchObject({ touched: false, problem: { code: 'system-rejected' } });
    expect(done.problem.message).toMatch(/external_host: Enter a valid URL.*client_secret is not accepted/);
    expect(JSON.stringify(done.problem)).not.toMatch(/c4n4ry|something/);
  });

  test('a missing permission names what was not allowed', async () => {
    const { lab, provider } = await rig();
    const body = { detail: 'You do not have permission to perform this action.' };
    lab.faults.next({ method: 'POST', path: /providers/, status: 403, body });
    expect(await provider.ensure(make('grafana'), signal)).toMatchObject({
      ok: false,
      problem: { code: 'system-refused', message: expect.stringContaining('create the provider') as string },
    });
  });

  test('a stop in the middle puts back what was done', async () => {
    const { lab, provider } = await rig();
    const stop = new AbortController();
    lab.faults.next({ method: 'POST', path: /applications/, meanwhile: () => stop.abort() });
    expect(await provider.ensure(make('grafana'), stop.signal)).toMatchObject({
      ok: false,
      touched: false,
      problem: { code: 'cancelled' },
    });
    expect(lab.state).toMatchObject({ providers: [], applications: [] });
  });

  test('a login is made without a key where the token may not see certificates', async () => {
    const { lab, provider } = await rig();
    lab.faults.next({ path: /crypto/, status: 403, body: { detail: 'You do not have permission.' } });
    expect(await provider.ensure(make('grafana', wanted('grafana', oidc)), signal)).toMatchObject({
      ok: true,
    });
    expect(lab.state.providers[0]!.fields['signing_key']).toBeNull();
  });
});

describe('two at once', () => {
  test('a list with a provider that was deleted meanwhile is read anew and written again', async () => {
    const { lab, provider } = await rig();
    const [stays, goes] = [seed(lab).provider('stays'), seed(lab).provider('goes')];
    seed(lab).serve(stays, goes);
    lab.faults.next({
      method: 'PATCH',
      path: /^\/outposts\//,
      meanwhile: () => {
        lab.state.providers = lab.state.providers.filter(({ pk }) => pk !== goes);
        lab.state.outposts[0]!.providers = [stays];
      },
    });
    expect(await provider.ensure(make('grafana'), signal)).toMatchObject({ ok: true });
    expect(snapshot(lab).outposts[0]!.providers).toEqual(['grafana (Sentinel)', 'stays']);
  });

  test('a list that is refused for a provider again and again ends in a problem, with everything put back', async () => {
    const { lab, provider } = await rig();
    const before = snapshot(lab);
    const body = { providers: ['Invalid pk "7" - object does not exist.'] };
    lab.faults.next({ method: 'PATCH', path: /^\/outposts\//, status: 400, body, times: 5 });
    expect(await provider.ensure(make('grafana'), signal)).toMatchObject({
      ok: false,
      touched: false,
      problem: { code: 'system-busy' },
    });
    expect(snapshot(lab)).toEqual(before);
  });

  test('a provider is not deleted between the reading and the writing of the list that names it', async () => {
    const { lab, provider } = await rig();
    await provider.ensure(make('jellyfin'), signal);
    let removal: Promise<unknown> = Promise.resolve();
    lab.faults.next({
      method: 'PATCH',
      path: /^\/outposts\//,
      meanwhile: async () => {
        const change = { before: wanted('jellyfin'), after: null, service: 'jellyfin' };
        removal = provider.ensure(change, signal);
        await eventually(() => lab.state.applications.every(({ fields }) => fields['slug'] !== 'jellyfin'));
        // Its next request is the look for the provider, which comes before the deletion.
        await eventually(() => lab.state.requests.at(-1)!.path === '/providers/proxy/');
      },
    });
    expect(await provider.ensure(make('grafana'), signal)).toMatchObject({ ok: true });
    expect(await removal).toMatchObject({ ok: true });
    const writes = lab.state.requests.filter(({ path, method }) =>
      /^(PATCH \/outposts|DELETE \/providers)/.test(`${method} ${path}`),
    );
    expect(writes.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PATCH 200',
      'PATCH 200',
      'DELETE 204',
    ]);
    expect(snapshot(lab).outposts[0]!.providers).toEqual(['grafana (Sentinel)']);
  });
});

describe('an address that is not Authentik’s', () => {
  test('is told apart from an empty one', async () => {
    const { lab, provider } = await rig();
    lab.faults.next({ path: /^\/core\/applications/, status: 200, body: '<html></html>' });
    expect(await problemOf(provider.list([], signal))).toMatchObject({ code: 'system-rejected' });
    lab.faults.next({ path: /^\/core\/applications/, status: 302, body: '' });
    expect(await problemOf(provider.list([], signal))).toMatchObject({ code: 'system-rejected' });
    lab.faults.next({ path: /^\/core\/applications/, status: 503, body: 'starting' });
    expect(await problemOf(provider.list([], signal))).toMatchObject({ code: 'system-unreachable' });
  });

  test('where nothing listens, the problem says so', async () => {
    const { lab, ports, system } = await rig();
    await lab.down();
    const alone = createAuthentik(system, { ...ports, log: quietLog });
    expect(await problemOf(alone.list([], signal))).toMatchObject({ code: 'system-unreachable' });
    await alone.close();
    await lab.up();
  });
});
