import type { ScopedService } from '../../ports.ts';
import type { AuthentikSystem, SignOn, SignOnProviderState, SignOnState } from '../../types.ts';
import { providerName } from './mark.ts';

/** What sentinel.yml says about every application. */
export interface Setting {
  readonly system: AuthentikSystem;
  /** The outpost's name on the server. */
  readonly outpost: string;
}
export type Wanted =
  | { readonly ok: true; readonly state: SignOnState }
  /** What the definition lacks, in words. */
  | { readonly ok: false; readonly lacks: string };

/** What a service's definition asks of the sign-on; nothing for a service that goes. */
export function wishOf(scoped: ScopedService): SignOn | null {
  return scoped.want === 'absent' ? null : scoped.service.signOn;
}

/** The application a definition asks for, as Authentik would have it. */
export function wantedState(signOn: SignOn, setting: Setting): Wanted {
  const { slug, name, group, icon, launchUrl } = signOn;
  const provider = providerOf(signOn, setting.system);
  if (typeof provider === 'string') return { ok: false, lacks: provider };
  const outpost = provider?.kind === 'proxy' ? setting.outpost : null;
  return { ok: true, state: { slug, name, group, icon, launchUrl, provider, outpost, ...unsaid } };
}

/** What no definition speaks about. */
const unsaid = { bindings: [], settings: '' } as const;

/** The wanted application with what a person set on the one that is there, which stays as it is. */
export function keeping(wanted: SignOnState, found: SignOnState | null): SignOnState {
  if (found === null) return wanted;
  const { bindings, settings } = found;
  const own = wanted.provider;
  const kept = own !== null && own.name === found.provider?.name ? found.provider.settings : '';
  return { ...wanted, bindings, settings, provider: own === null ? null : { ...own, settings: kept } };
}

/** A text says what is missing. */
function providerOf(signOn: SignOn, system: AuthentikSystem): SignOnProviderState | null | string {
  const { slug, method, backend, oidc, skipPaths } = signOn;
  const { authorizationFlow, invalidationFlow } = system;
  const flows = { authorizationFlow, invalidationFlow };
  const externalHost = originOf(signOn.launchUrl);
  switch (method) {
    case 'forward_domain':
      return null;
    case 'forward_auth':
    case 'proxy':
      if (externalHost === null) return 'an address people reach it at';
      if (method === 'proxy' && backend === null) return 'an address Authentik passes requests on to';
      return {
        kind: 'proxy',
        name: providerName(slug, 'proxy'),
        mode: method === 'proxy' ? 'proxy' : 'forward_single',
        externalHost,
        internalHost: method === 'proxy' ? backend : null,
        skipPaths,
        ...flows,
        settings: '',
      };
    case 'oidc':
      if (oidc === null) return 'its `authentik.oidc` section';
      return { kind: 'oidc', name: providerName(slug, 'oidc'), ...oidc, ...flows, settings: '' };
  }
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
