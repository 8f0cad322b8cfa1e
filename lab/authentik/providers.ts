import { randomBytes } from 'node:crypto';
import { type Call, invalid, missing, page, Refusal, requireFields, type Route } from './call.ts';
import { showProvider } from './show.ts';
import { asText, type AuthentikState, type Fields, type LabProvider } from './state.ts';

const kinds = [
  {
    kind: 'proxy',
    base: '/providers/proxy/',
    filters: ['name__iexact', 'external_host__iexact', 'mode__iexact'],
  },
  { kind: 'oauth2', base: '/providers/oauth2/', filters: ['name', 'client_id'] },
] as const;

/** Proxy and OAuth2 providers. */
export const providerRoutes: readonly Route[] = kinds.flatMap(({ kind, base, filters }): readonly Route[] => [
  {
    method: 'GET',
    template: base,
    answer: (call) => {
      const rows = call.state.providers.filter((each) => each.kind === kind);
      return page(
        call,
        rows.map((each) => showProvider(call.state, each)),
        filters,
      );
    },
  },
  {
    method: 'GET',
    template: `${base}{id}/`,
    answer: (call) => ({ status: 200, body: showProvider(call.state, find(call, kind)) }),
  },
  {
    method: 'POST',
    template: base,
    answer: (call) => {
      const made = create(call, kind);
      return { status: 201, body: showProvider(call.state, made) };
    },
  },
  {
    method: 'PATCH',
    template: `${base}{id}/`,
    answer: (call) => {
      const provider = find(call, kind);
      check(call, kind, provider);
      provider.fields = { ...provider.fields, ...known(call.body) };
      return { status: 200, body: showProvider(call.state, provider) };
    },
  },
  {
    method: 'DELETE',
    template: `${base}{id}/`,
    answer: (call) => {
      remove(call.state, find(call, kind));
      return { status: 204 };
    },
  },
]);

function find({ state, key }: Call, kind: LabProvider['kind']): LabProvider {
  const found = state.providers.find((each) => each.kind === kind && String(each.pk) === key);
  if (found === undefined) throw missing(kind === 'proxy' ? 'ProxyProvider' : 'OAuth2Provider');
  return found;
}

function create(call: Call, kind: 'proxy' | 'oauth2'): LabProvider {
  const { state, body, settings } = call;
  const flows = ['authorization_flow', ...(settings.invalidationFlows ? ['invalidation_flow'] : [])];
  requireFields(body, ['name', ...flows, kind === 'proxy' ? 'external_host' : 'redirect_uris']);
  check(call, kind, null);
  const fields = known(body);
  if (!settings.invalidationFlows) delete fields['invalidation_flow'];
  const defaults: Fields = {
    client_id: randomBytes(20).toString('hex'),
    ...(kind === 'proxy'
      ? { mode: 'proxy', internal_host: '', skip_path_regex: '', cookie_domain: '' }
      : { client_type: 'confidential', client_secret: randomBytes(64).toString('hex'), signing_key: null }),
  };
  const made = { pk: nextPk(state), kind, fields: { ...defaults, ...fields } };
  state.providers.push(made);
  return made;
}

function nextPk(state: AuthentikState): number {
  return 1 + Math.max(0, ...state.providers.map(({ pk }) => pk));
}

function check({ state, body }: Call, kind: 'proxy' | 'oauth2', current: LabProvider | null): void {
  const { name } = body;
  if (state.providers.some((each) => each !== current && name !== undefined && each.fields['name'] === name))
    throw invalid('name', 'provider with this name already exists.');
  for (const field of ['authorization_flow', 'invalidation_flow']) {
    const pk = body[field];
    if (pk !== undefined && !state.flows.some((flow) => flow.pk === pk))
      throw invalid(field, `Invalid pk "${asText(pk)}" - object does not exist.`);
  }
  // The real server looks at this request only, also for a change of one field.
  if (kind === 'proxy' && (body['mode'] ?? 'proxy') === 'proxy' && (body['internal_host'] ?? '') === '')
    throw new Refusal(400, {
      non_field_errors: ['Internal host cannot be empty when forward auth is disabled.'],
    });
  const { client_id: clientId } = body;
  if (
    kind === 'oauth2' &&
    state.providers.some(
      (each) => each !== current && clientId !== undefined && each.fields['client_id'] === clientId,
    )
  )
    throw invalid('client_id', 'OAuth2/OpenID Provider with this Client ID already exists.');
}

/** Fields nobody can write are ignored without a word. */
function known(body: Fields): Fields {
  const readOnly = ['pk', 'component', 'outpost_set', 'assigned_application_slug'];
  return Object.fromEntries(Object.entries(body).filter(([key]) => !readOnly.includes(key)));
}

/** Deleting a provider takes it off outposts and out of its application. */
function remove(state: AuthentikState, provider: LabProvider): void {
  state.providers = state.providers.filter((each) => each !== provider);
  for (const outpost of state.outposts)
    outpost.providers = outpost.providers.filter((pk) => pk !== provider.pk);
  for (const application of state.applications)
    if (application.fields['provider'] === provider.pk)
      application.fields = { ...application.fields, provider: null };
}
