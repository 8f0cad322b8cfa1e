import type { SignOnProviderState } from '../../state-types.ts';

/** What the publisher of an application says when it is ours. */
export function markOf(service: string): string {
  return `Sentinel (${service})`;
}

/** The service an application's publisher names as ours, or null. */
export function markedFor(publisher: string): string | null {
  return /^Sentinel \((.+)\)$/.exec(publisher)?.[1] ?? null;
}

/**
 * A provider has no place for a mark besides its name. The two kinds are named differently, so that one can be made
 * before the other goes.
 */
export function providerName(slug: string, kind: SignOnProviderState['kind']): string {
  return `${slug} (Sentinel${kind === 'oidc' ? ' OIDC' : ''})`;
}

/** The application a provider of this name was made for, or null where we did not make it. */
export function slugOfProvider(name: string): string | null {
  return /^(.+) \(Sentinel(?: OIDC)?\)$/.exec(name)?.[1] ?? null;
}

/** Whether a provider's name says that we made it for this application. */
export function isOurProvider(name: string, slug: string): boolean {
  return name === providerName(slug, 'proxy') || name === providerName(slug, 'oidc');
}
