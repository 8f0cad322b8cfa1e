import type { ScopedService } from '../../ports.ts';
import type { SignOnView } from '../../system-ports/index.ts';
import type { SignOnState } from '../../types.ts';
import { providerName } from './mark.ts';
import { wishOf } from './wanted.ts';

export interface Leftover {
  readonly state: SignOnState;
  readonly target: string;
  readonly cause: string;
}

/** Providers of this service that an interrupted change left without an application, and that it does not want. */
export function leftoversOf(scoped: ScopedService, view: SignOnView): readonly Leftover[] {
  const wish = wishOf(scoped);
  const wanted = wish === null ? null : providerOf(wish.slug, wish.method);
  const signOn = scoped.service.signOn?.slug ?? [];
  const owned = scoped.owned.flatMap((each) => (each.stage === 'authentik' ? (each.after?.slug ?? []) : []));
  const slugs = new Set([owned, signOn].flat());
  const found = view.leftovers.filter(
    ({ slug, provider }) => slugs.has(slug) && provider !== null && provider.name !== wanted,
  );
  return found.map((state, index) => {
    const { slug, provider } = state;
    const first = found.findIndex((each) => each.slug === slug) === index;
    const lonely = slug !== wish?.slug && !view.applications.some((each) => each.state.slug === slug);
    const name = provider?.name ?? slug;
    return {
      state,
      // Under the name of the application it belonged to, so that nothing is left on record of that either.
      target: first && lonely ? `sign-on ${slug}` : `provider ${name}`,
      cause: `an interrupted change left the provider ${name} without an application`,
    };
  });
}

function providerOf(
  slug: string,
  method: 'forward_auth' | 'forward_domain' | 'proxy' | 'oidc',
): string | null {
  return method === 'forward_domain' ? null : providerName(slug, method === 'oidc' ? 'oidc' : 'proxy');
}
