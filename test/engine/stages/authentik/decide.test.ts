import { describe, expect, test } from 'vitest';
import { adoptSignOn } from '../../../../engine/stages/authentik/adopt.ts';
import { decide, type Looked } from '../../../../engine/stages/authentik/decide.ts';
import { markedFor, markOf } from '../../../../engine/stages/authentik/mark.ts';
import { surveyAuthentik } from '../../../../engine/stages/authentik/survey.ts';
import { wantedState } from '../../../../engine/stages/authentik/wanted.ts';
import type { FoundApplication } from '../../../../engine/system-ports/index.ts';
import type { SignOn, SignOnState, StepOf } from '../../../../engine/types.ts';
import type { Ports } from '../../../../engine/ports.ts';
import { service } from '../../fixtures.ts';
import { goes, oidc, scopeOf, signOn, systemOf, wants } from './support.ts';

const system = systemOf('https://auth.home.lan');
const outpost = 'authentik Embedded Outpost';

function stateOf(wish: SignOn): SignOnState {
  const wanted = wantedState(wish, { system, outpost });
  if (!wanted.ok) throw new Error(wanted.lacks);
  return wanted.state;
}
function looked(...applications: readonly FoundApplication[]): Looked {
  const { authorizationFlow, invalidationFlow } = system;
  const flows = [authorizationFlow, invalidationFlow];
  const view = { applications, providers: [], leftovers: [], domains: [], flows, outpost };
  return { system, outpost, name: 'Authentik at auth.home.lan', view };
}
const ours = (state: SignOnState, name = 'grafana'): FoundApplication => ({
  state,
  service: name,
  foreignProvider: null,
});

describe('deciding', () => {
  test('makes what is missing, with every line of it', () => {
    const { steps } = decide(wants('grafana'), looked());
    expect(steps).toMatchObject([
      { system: 'Authentik at auth.home.lan', target: 'sign-on grafana', before: null },
    ]);
    expect(steps[0]!.changes).toEqual([
      { what: 'application', before: null, after: 'GRAFANA' },
      { what: 'group', before: null, after: 'Media' },
      { what: 'opens', before: null, after: 'https://grafana.home.lan' },
      { what: 'provider', before: null, after: 'grafana (Sentinel)' },
      { what: 'guards', before: null, after: 'https://grafana.home.lan' },
      { what: 'method', before: null, after: 'forward_auth' },
      { what: 'paths without a login', before: null, after: '^/api/health$' },
      { what: 'authorization flow', before: null, after: 'default-provider-authorization-implicit-consent' },
      { what: 'invalidation flow', before: null, after: 'default-provider-invalidation-flow' },
      { what: 'outpost', before: null, after: outpost },
    ]);
  });

  test('does nothing where nothing differs', () => {
    const found = looked(ours(stateOf(signOn('grafana'))));
    expect(decide(wants('grafana'), found)).toEqual({
      steps: [],
      risks: [],
      problems: [],
      proof: ['Authentik at auth.home.lan has grafana: guards https://grafana.home.lan'],
    });
  });

  test('goes back to what a release had', () => {
    const found = looked(ours(stateOf(signOn('grafana', { group: 'New' }))));
    const { steps } = decide(
      {
        want: 'release',
        name: 'grafana',
        release: 'r1',
        owned: [],
        service: service('grafana', { signOn: signOn('grafana') }),
      },
      found,
    );
    expect(steps[0]!.changes).toEqual([{ what: 'group', before: 'New', after: 'Media' }]);
  });

  test('takes a marked application away even when no record names it', () => {
    const { steps } = decide(goes('grafana', null), looked(ours(stateOf(signOn('old')))));
    expect(steps).toMatchObject([{ target: 'sign-on old', after: null, cause: 'grafana is removed' }]);
  });

  test('leaves alone what a record names and somebody else made anew', () => {
    const state = stateOf(signOn('grafana'));
    const owned = [{ ...decide(wants('grafana'), looked()).steps[0]! }];
    const found = { state, service: 'metrics', foreignProvider: null };
    expect(decide(goes('grafana', {}, owned), looked(found)).steps).toEqual([]);
  });

  test('does not take over an unmarked application that somebody made where ours was', () => {
    const state = stateOf(signOn('grafana'));
    const owned = decide(wants('grafana'), looked()).steps;
    const theirs = { state: { ...state, provider: null }, service: null, foreignProvider: null };
    expect(decide(wants('grafana', {}, owned), looked(theirs)).risks).toMatchObject([{ code: 'conflict' }]);
    expect(decide(goes('grafana', {}, owned), looked(theirs)).steps).toEqual([]);
    const unmarked = { ...theirs, state: stateOf(signOn('grafana', { group: 'by hand' })) };
    expect(decide(wants('grafana', {}, owned), looked(unmarked)).steps).toHaveLength(1);
  });

  test.each([
    ['an address', { launchUrl: '' }, 'an address people reach it at'],
    ['a backend', { method: 'proxy' }, 'an address Authentik passes requests on to'],
    ['its oidc section', { method: 'oidc' }, '`authentik.oidc`'],
  ] as const)('says what is missing: %s', (_, more, words) => {
    const { steps, risks } = decide(wants('grafana', more), looked());
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([
      { code: 'system-missing', message: expect.stringContaining(words) as string },
    ]);
  });

  test('says that a client secret nobody knows cannot be put back', () => {
    const state = stateOf(signOn('grafana', oidc));
    if (state.provider?.kind !== 'oidc') throw new Error('no login');
    const unknown = { ...state, provider: { ...state.provider, clientSecret: null } };
    const change = decide(wants('grafana', oidc), looked(ours(unknown))).steps[0]!;
    expect(change.changes).toEqual([
      { what: 'client secret', before: 'a value Sentinel does not know', after: 'secret OIDC_SECRET' },
    ]);
    expect(change.irreversible).toBeDefined();
    expect(decide(goes('grafana', oidc), looked(ours(unknown))).steps[0]!.irreversible).toBeDefined();
    expect(decide(goes('grafana', oidc), looked(ours(state))).steps[0]!.irreversible).toBeUndefined();
  });
});

test('without an Authentik in sentinel.yml a wish is a risk, and what was left is one', async () => {
  const nobody = {} as Ports;
  const owned = decide(wants('b'), looked()).steps;
  const services = [wants('a'), goes('b', {}, owned), goes('c'), wants('d', null)];
  const { risks, steps, problems } = await surveyAuthentik(
    scopeOf(services, null),
    nobody,
    new AbortController().signal,
  );
  expect([steps, problems]).toEqual([[], []]);
  expect(risks.map(({ code, service: name }) => [code, name])).toEqual([
    ['system-missing', 'a'],
    ['system-left', 'b'],
  ]);
});

test('the mark tells which service an application belongs to', () => {
  expect(markedFor(markOf('grafana'))).toBe('grafana');
  expect(markedFor('Grafana Labs')).toBeNull();
  expect(markedFor('')).toBeNull();
});

describe('keeping what Authentik has', () => {
  const wanted = stateOf(signOn('grafana'));
  const drift = (before: SignOnState | null, after: SignOnState | null = wanted): StepOf<'authentik'> => ({
    ...decide(wants('grafana'), looked()).steps[0]!,
    before,
    after,
  });

  test('turns name, group and icon into edits', () => {
    const found = { ...wanted, name: 'Metrics', group: '', icon: 'https://icons.lan/m.png' };
    expect(adoptSignOn(drift(found))).toEqual([
      { path: ['authentik', 'name'], value: 'Metrics' },
      { path: ['authentik', 'group'], value: '' },
      { path: ['authentik', 'icon'], value: 'https://icons.lan/m.png' },
    ]);
  });

  test('turns the sign-on off where the application is gone', () => {
    expect(adoptSignOn(drift(null))).toEqual([{ path: ['authentik', 'enabled'], value: false }]);
  });

  test('has no words for anything else', () => {
    expect(adoptSignOn(drift({ ...wanted, launchUrl: 'https://elsewhere.lan' }))).toBeNull();
    expect(adoptSignOn(drift({ ...wanted, name: 'Metrics', outpost: null }))).toBeNull();
    expect(adoptSignOn(drift({ ...wanted, provider: null }))).toBeNull();
    expect(adoptSignOn(drift(wanted, null))).toBeNull();
  });
});
