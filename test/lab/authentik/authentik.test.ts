import { afterEach, expect, test } from 'vitest';
import { type AuthentikLab, type AuthentikOptions, startAuthentik } from '../../../lab/authentik/index.ts';
import { createContract } from '../../../lab/authentik/contract/contract.ts';
import { eventually } from '../../eventually.ts';

const labs: AuthentikLab[] = [];
async function start(options: AuthentikOptions = {}): Promise<AuthentikLab> {
  const lab = await startAuthentik(options);
  labs.push(lab);
  return lab;
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close();
});

async function ask(lab: AuthentikLab, method: string, path: string, body?: object) {
  const answer = await fetch(`${lab.url}/api/v3${path}`, {
    method,
    headers: { authorization: `Bearer ${lab.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>) };
}
function proxy(lab: AuthentikLab, name: string, more: object = {}) {
  const flow = (slug: string) => lab.state.flows.find((each) => each.slug === slug)!.pk;
  return {
    name,
    mode: 'forward_single',
    external_host: `https://${name}.lan`,
    authorization_flow: flow('default-provider-authorization-implicit-consent'),
    invalidation_flow: flow('default-provider-invalidation-flow'),
    ...more,
  };
}
const gate = (lab: AuthentikLab, host: string, path = '/', cookie = '') =>
  fetch(`${lab.url}/outpost.goauthentik.io/auth/traefik`, {
    redirect: 'manual',
    headers: { 'x-forwarded-host': host, 'x-forwarded-uri': path, cookie },
  });

const described = createContract().available
  ? ''
  : ' (skipped: Authentik’s description is not beside the checkout)';
test.skipIf(described !== '')(
  `holds every exchange against the official description${described}`,
  async () => {
    const lab = await startAuthentik();
    await ask(lab, 'GET', '/providers/proxy/?name=a');
    await ask(lab, 'POST', '/core/applications/', { name: 'A', slug: 'a', publisher: 'me' });
    await expect(lab.close()).rejects.toThrow(/unknown query name[\s\S]*publisher/);
  },
);

test('refuses as Authentik does', async () => {
  const lab = await start();
  const { body } = await ask(lab, 'POST', '/providers/proxy/', proxy(lab, 'a'));
  expect(body).toMatchObject({ pk: 1, assigned_application_slug: null, outpost_set: [] });
  expect(await ask(lab, 'POST', '/providers/proxy/', proxy(lab, 'a'))).toEqual({
    status: 400,
    body: { name: ['provider with this name already exists.'] },
  });
  const inner = await ask(lab, 'PATCH', '/providers/proxy/1/', { skip_path_regex: '^/x' });
  expect([inner.status, Object.keys(inner.body!)]).toEqual([400, ['non_field_errors']]);
  await ask(lab, 'POST', '/core/applications/', { name: 'A', slug: 'a', provider: 1 });
  const second = { name: 'B', slug: 'b', provider: 1 };
  expect((await ask(lab, 'POST', '/core/applications/', second)).body).toEqual({
    provider: ['This field must be unique.'],
  });
  expect(await ask(lab, 'GET', '/core/applications/b/')).toEqual({
    status: 404,
    body: { detail: 'No Application matches the given query.' },
  });
  const wrong = await fetch(`${lab.url}/api/v3/core/users/me/`, { headers: { authorization: 'Bearer no' } });
  expect([wrong.status, await wrong.json()]).toEqual([403, { detail: 'Token invalid/expired' }]);
});

test('only an embedded outpost may have an empty list', async () => {
  const lab = await start();
  const embedded = lab.state.outposts[0]!;
  lab.state.outposts.push({
    ...embedded,
    pk: '00000000-0000-4000-8000-0000000000aa',
    name: 'edge',
    managed: null,
  });
  const empty = (pk: string) => ask(lab, 'PATCH', `/outposts/instances/${pk}/`, { providers: [] });
  expect((await empty(embedded.pk)).status).toBe(200);
  expect((await empty('00000000-0000-4000-8000-0000000000aa')).status).toBe(400);
});

test('deleting a provider takes it off the outpost and out of its application', async () => {
  const lab = await start();
  await ask(lab, 'POST', '/providers/proxy/', proxy(lab, 'a'));
  await ask(lab, 'POST', '/core/applications/', { name: 'A', slug: 'a', provider: 1 });
  const { pk } = lab.state.outposts[0]!;
  await ask(lab, 'PATCH', `/outposts/instances/${pk}/`, { type: 'proxy', providers: [1] });
  expect((await ask(lab, 'DELETE', '/providers/proxy/1/')).status).toBe(204);
  expect(lab.state.outposts[0]!.providers).toEqual([]);
  expect(lab.state.applications[0]!.fields['provider']).toBeNull();
});

test('its outpost asks for a login, lets open paths and people who signed on through, and hears of changes late', async () => {
  const lab = await start({ propagationMs: 40, browserUrl: 'https://auth.home.lan' });
  await ask(lab, 'POST', '/providers/proxy/', proxy(lab, 'a', { skip_path_regex: '^/open' }));
  await ask(lab, 'PATCH', `/outposts/instances/${lab.state.outposts[0]!.pk}/`, { providers: [1] });
  expect((await gate(lab, 'a.lan')).status).toBe(404);
  await ask(lab, 'POST', '/core/applications/', { name: 'A', slug: 'a', provider: 1 });
  const answer = await eventually(async () => {
    const found = await gate(lab, 'a.lan');
    return found.status === 302 ? found : null;
  });
  expect(answer.headers.get('location')).toMatch(/^https:\/\/auth\.home\.lan\/application\/o\/authorize\//);
  expect((await gate(lab, 'a.lan', '/open/x')).status).toBe(200);
  expect((await gate(lab, 'a.lan', '/', lab.cookie)).status).toBe(200);
  expect((await gate(lab, 'b.lan')).status).toBe(404);
});
