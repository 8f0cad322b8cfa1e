import { isRecord, text } from '../../json.ts';
import pLimit from 'p-limit';
import { ProblemError } from '../../problems.ts';
import { isOurProvider, markedFor, slugOfProvider } from '../../stages/authentik/mark.ts';
import type { AskedApplication, FoundApplication, SignOnView } from '../../system-ports/index.ts';
import type { SignOnState } from '../../state-types.ts';
import type { AuthentikSystem } from '../../system-types.ts';
import type { Api, Row } from './api.ts';
import { bindingsOf, readBindings } from './bindings.ts';
import { describeProvider, type Reading } from './describe.ts';
import { paths } from './paths.ts';
import { applicationSettings } from './settings.ts';
import {
  type Application,
  type Outpost,
  parseApplication,
  parseOutpost,
  parseProvider,
  type Provider,
  requiredText,
} from './shapes.ts';

/** Looks at everything Authentik has that a plan may be about: one call for each kind of thing, all at once. */
export async function readAll(
  api: Api,
  system: AuthentikSystem,
  asked: readonly AskedApplication[],
): Promise<SignOnView> {
  const [listed, proxies, logins, outposts, flowRows, bindings, superuser] = await Promise.all([
    api.all({ path: paths.applications, what: 'list its applications' }, { superuser_full_list: 'true' }),
    api.all({ path: paths.proxy, what: 'list its proxy providers' }),
    api.all({ path: paths.oidc, what: 'list its OAuth2 providers' }),
    readOutposts(api),
    api.all({ path: paths.flows, what: 'list its flows' }),
    readBindings(api),
    isSuperuser(api),
  ]);
  const providers = [
    ...proxies.map((row) => parseProvider(api, 'proxy', row)),
    ...logins.map((row) => parseProvider(api, 'oidc', row)),
  ];
  const rows = superuser ? listed : await completed(api, listed, { asked, providers });
  const flows = new Map(
    flowRows.map((row) => [requiredText(api, row, 'pk'), requiredText(api, row, 'slug')]),
  );
  const outpost = chosenOutpost(api, system, outposts);
  const found = { providers, outpost, system, flows, bindings };
  return {
    applications: rows.map((row) => describe(parseApplication(api, row), found, readSecret(api, asked))),
    providers: providers.map(({ name, application }) => ({ name, application })),
    leftovers: providers.flatMap((provider) => leftover(provider, found, readSecret(api, asked)) ?? []),
    domains: proxies.flatMap((row) =>
      row['mode'] === 'forward_domain' && typeof row['assigned_application_slug'] === 'string'
        ? [
            {
              domain: text(row['cookie_domain']) ?? '',
              served: outpost.providers.includes(Number(row['pk'])),
            },
          ]
        : [],
    ),
    flows: [...flows.values()],
    outpost: outpost.name,
  };
}

/** Only a superuser's list of applications is whole; anybody else's has what they may use, and may be a minute old. */
async function isSuperuser(api: Api): Promise<boolean> {
  return (await readOwner(api)).superuser;
}

export async function readOwner(api: Api): Promise<{ readonly name: string; readonly superuser: boolean }> {
  const me = await api.get({ path: '/core/users/me/', what: 'say who the token belongs to' });
  const user = me?.['user'];
  if (!isRecord(user)) return { name: '', superuser: false };
  return { name: text(user['username']) ?? '', superuser: user['is_superuser'] === true };
}

/** The list with those that matter asked for one by one, as only an application's own path tells whether it is there. */
async function completed(
  api: Api,
  listed: readonly Row[],
  {
    asked,
    providers,
  }: { readonly asked: readonly AskedApplication[]; readonly providers: readonly Provider[] },
): Promise<readonly Row[]> {
  const ours = providers.flatMap(({ name, application }) =>
    application !== null && isOurProvider(name, application) ? [application] : [],
  );
  const slugs = [...new Set([...asked.map(({ slug }) => slug), ...ours])];
  const limit = pLimit(4);
  const single = await Promise.all(slugs.map((slug) => limit(() => readApplication(api, slug))));
  return [
    ...listed.filter((row) => !slugs.includes(text(row['slug']) ?? '')),
    ...single.flatMap((application) => (application === null ? [] : [application.row])),
  ];
}

export async function readApplication(api: Api, slug: string): Promise<Application | null> {
  const row = await api.get({ path: paths.application(slug), what: `read the application ${slug}` });
  return row === null ? null : parseApplication(api, row);
}

export async function readOutposts(api: Api): Promise<readonly Outpost[]> {
  const rows = await api.all({ path: paths.outposts, what: 'list its outposts' });
  return rows.map((row) => parseOutpost(api, row));
}

/** The provider of one name. A filter the server does not know gives everything, so each row is looked at again. */
export async function readProvider(api: Api, kind: Provider['kind'], name: string): Promise<Provider | null> {
  const filter = kind === 'proxy' ? 'name__iexact' : 'name';
  const rows = await api.all(
    { path: paths[kind], what: `look for the provider ${name}` },
    { [filter]: name },
  );
  const found = rows.map((row) => parseProvider(api, kind, row));
  return found.find((provider) => provider.name === name) ?? null;
}

function chosenOutpost(api: Api, { outpost: name }: AuthentikSystem, outposts: readonly Outpost[]): Outpost {
  const found = outposts.find((each) => (name === null ? each.embedded : each.name === name));
  if (found !== undefined) return found;
  const known = outposts.map((each) => `“${each.name}”`).join(', ');
  throw new ProblemError({
    code: 'system-rejected',
    message: `${api.system} has no ${name === null ? 'embedded outpost' : `outpost “${name}”`}.`,
    where: api.origin,
    hint: `Name one it has as \`systems.authentik.outpost\` in sentinel.yml: ${known === '' ? 'it shows none to this token' : known}.`,
  });
}

function readSecret(api: Api, asked: readonly AskedApplication[]) {
  return (slug: string): Reading['secretName'] => {
    const names = asked.flatMap((each) => (each.slug === slug ? (each.clientSecret ?? []) : []));
    return (value) =>
      names.find((name) => api.secrets.has(name) && api.secrets.resolve(name) === value) ?? null;
  };
}

interface Found {
  readonly providers: readonly Provider[];
  readonly outpost: Outpost;
  readonly system: AuthentikSystem;
  readonly flows: ReadonlyMap<string, string>;
  readonly bindings: readonly Row[];
}

function describe(
  application: Application,
  found: Found,
  secretOf: (slug: string) => Reading['secretName'],
): FoundApplication {
  const { providers, outpost } = found;
  const { slug, name, group, launchUrl, icon, publisher } = application;
  const own = providers.find(({ pk }) => pk === application.provider);
  const provider = own === undefined ? null : describeProvider(own, reading(found, secretOf(slug)));
  const served = application.provider !== null && outpost.providers.includes(application.provider);
  const state = {
    ...{ slug, name, group, launchUrl, icon, provider, outpost: served ? outpost.name : null },
    bindings: bindingsOf(found.bindings, application.pk),
    settings: applicationSettings(application.row),
  };
  const foreign = application.provider !== null && provider === null;
  return {
    state,
    service: markedFor(publisher),
    foreignProvider: foreign ? foreignName(application) : null,
  };
}

function reading({ flows, system }: Found, secretName: Reading['secretName']): Reading {
  const { invalidationFlow } = system;
  return { flow: (id) => flows.get(id) ?? null, invalidationFlow, secretName };
}

/** A provider we made whose application is gone, or was never made. */
function leftover(
  made: Provider,
  found: Found,
  secretOf: (slug: string) => Reading['secretName'],
): SignOnState | null {
  const slug = slugOfProvider(made.name);
  if (slug === null || made.application !== null) return null;
  const provider = describeProvider(made, reading(found, secretOf(slug)));
  if (provider === null) return null;
  const { outpost } = found;
  const nothing = { name: '', group: '', launchUrl: '', icon: '', bindings: [], settings: '' };
  const served = outpost.providers.includes(made.pk);
  return { slug, ...nothing, provider, outpost: served ? outpost.name : null, leftover: true };
}

function foreignName({ row }: Application): string {
  const provider = row['provider_obj'];
  return (isRecord(provider) ? text(provider['name']) : null) ?? 'one Sentinel cannot see';
}
