import type {
  AuthentikState,
  Fields,
  LabApplication,
  LabBinding,
  LabFlow,
  LabOutpost,
  LabProvider,
} from './state.ts';

const words = {
  proxy: ['ak-provider-proxy-form', 'authentik_providers_proxy.proxyprovider', 'Proxy Provider'],
  oauth2: ['ak-provider-oauth2-form', 'authentik_providers_oauth2.oauth2provider', 'OAuth2/OpenID Provider'],
  ldap: ['ak-provider-ldap-form', 'authentik_providers_ldap.ldapprovider', 'LDAP Provider'],
} as const;

/** What every kind of provider is shown with. */
export function showBase(state: AuthentikState, provider: LabProvider): Fields {
  const application = state.applications.find(({ fields }) => fields['provider'] === provider.pk);
  const [component, model, name] = words[provider.kind];
  const { fields } = provider;
  return {
    pk: provider.pk,
    name: fields['name'],
    authentication_flow: fields['authentication_flow'] ?? null,
    authorization_flow: fields['authorization_flow'],
    ...('invalidation_flow' in fields ? { invalidation_flow: fields['invalidation_flow'] } : {}),
    property_mappings: fields['property_mappings'] ?? [],
    component,
    assigned_application_slug: application?.fields['slug'] ?? null,
    assigned_application_name: application?.fields['name'] ?? null,
    assigned_backchannel_application_slug: null,
    assigned_backchannel_application_name: null,
    verbose_name: name,
    verbose_name_plural: `${name}s`,
    meta_model_name: model,
  };
}

export function showProvider(state: AuthentikState, provider: LabProvider): Fields {
  const served = state.outposts.filter(({ providers }) => providers.includes(provider.pk));
  const all = { ...provider.fields, ...showBase(state, provider) };
  return provider.kind === 'proxy'
    ? { ...all, redirect_uris: [], outpost_set: served.map(({ pk }) => pk) }
    : all;
}

export function showApplication(state: AuthentikState, { pk, fields }: LabApplication): Fields {
  const provider = state.providers.find((each) => each.pk === fields['provider']);
  return {
    open_in_new_tab: false,
    meta_launch_url: '',
    meta_icon: '',
    meta_description: '',
    meta_publisher: '',
    policy_engine_mode: 'any',
    group: '',
    meta_hide: false,
    backchannel_providers: [],
    provider: null,
    ...fields,
    pk,
    provider_obj: provider === undefined ? null : showBase(state, provider),
    backchannel_providers_obj: [],
    launch_url: fields['meta_launch_url'] ?? null,
    meta_icon_url: fields['meta_icon'] ?? null,
    meta_icon_themed_urls: null,
  };
}

export function showBinding(state: AuthentikState, { pk, fields }: LabBinding): Fields {
  const index = state.groups.findIndex((each) => each.pk === fields['group']);
  const group = state.groups[index];
  const user = typeof fields['user'] === 'number' ? fields['user'] : null;
  return {
    policy: null,
    group: null,
    user: null,
    negate: false,
    enabled: true,
    timeout: 30,
    failure_result: false,
    ...fields,
    pk,
    policy_obj: null,
    group_obj: group === undefined ? null : { ...group, num_pk: index, is_superuser: false, attributes: {} },
    user_obj: user === null ? null : { pk: user, username: `user-${user}`, name: '', uid: String(user) },
  };
}

export function showOutpost(state: AuthentikState, outpost: LabOutpost): Fields {
  const { pk, name, type, managed, providers, config } = outpost;
  const shown = state.providers.filter((each) => providers.includes(each.pk));
  return {
    pk,
    name,
    type,
    managed,
    providers,
    providers_obj: shown.map((each) => showBase(state, each)),
    service_connection: null,
    service_connection_obj: null,
    refresh_interval_s: 300,
    token_identifier: `ak-outpost-${pk}-api`,
    config,
  };
}

export function showFlow({ pk, slug, designation }: LabFlow): Fields {
  return {
    pk,
    policybindingmodel_ptr_id: pk,
    name: slug,
    slug,
    title: slug,
    designation,
    background: '',
    background_url: '/static/dist/assets/images/flow_background.jpg',
    background_themed_urls: null,
    stages: [],
    policies: [],
    cache_count: 0,
    export_url: `/api/v3/flows/instances/${slug}/export/`,
  };
}

export function showScope({ pk, managed, scope }: AuthentikState['scopes'][number]): Fields {
  const name = `authentik default OAuth Mapping: OpenID '${scope}'`;
  return {
    pk,
    managed,
    name,
    scope_name: scope,
    expression: 'return {}',
    component: 'ak-property-mapping-provider-scope-form',
    verbose_name: 'Scope Mapping',
    verbose_name_plural: 'Scope Mappings',
    meta_model_name: 'authentik_providers_oauth2.scopemapping',
  };
}

export function showMe(superuser: boolean): Fields {
  const user = {
    pk: 7,
    username: 'sentinel',
    name: 'Sentinel',
    is_active: true,
    is_superuser: superuser,
    groups: [],
    roles: [],
    avatar: '',
    uid: '7',
    settings: {},
    type: 'service_account',
    system_permissions: [],
  };
  return { user };
}
