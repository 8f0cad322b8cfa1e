import type { Route, SignOn } from '../types.ts';
import { addressOf, urlOf, type AroundInput } from './around-input.ts';

type SignOnSection = NonNullable<AroundInput['file']['authentik']>;

/** How people sign on, where the definition asks for it. */
export function signOnOf(input: AroundInput, route: Route | null): SignOn | null {
  const { service, authentik } = input.file;
  if (authentik?.enabled !== true) return null;
  const { method = 'forward_auth' } = authentik;
  return {
    method,
    name: authentik.name ?? service.display_name ?? service.name,
    slug: authentik.slug ?? service.name.replaceAll('_', '-'),
    ...shown(authentik),
    launchUrl: urlOf(route) ?? addressOf(input, {}) ?? '',
    backend: method === 'proxy' ? (route?.backend ?? null) : null,
    skipPaths: authentik.skip_paths ?? [],
    oidc: method === 'oidc' ? oidcOf(authentik) : null,
  };
}

function shown({ group = '', icon = '' }: SignOnSection): Pick<SignOn, 'group' | 'icon'> {
  return { group, icon };
}

function oidcOf({ oidc }: SignOnSection): SignOn['oidc'] {
  return oidc === undefined
    ? null
    : { clientId: oidc.client_id, clientSecret: oidc.client_secret, redirectUris: oidc.redirect_uris };
}
