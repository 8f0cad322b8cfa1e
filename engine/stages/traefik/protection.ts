import type { StepOf } from '../../types.ts';
import type { FoundFile, FoundMiddleware } from './found-file.ts';

/** What is known of the proxy's middlewares beside one file, and which count as a sign-on anyway. */
export interface Surroundings {
  readonly middlewares: ReadonlyMap<string, FoundMiddleware>;
  /** The one sentinel.yml names. */
  readonly signOnMiddleware: string | null;
  /** Where Traefik reaches Authentik's outpost. */
  readonly outpost: string | null;
  /** False: a middleware nobody can look into is none that asks, whatever it is called. */
  readonly byName?: boolean;
}

/** Whether people have to sign on before they get through the router for a host name. */
export function isProtected(file: FoundFile, hostname: string, around: Surroundings): boolean {
  const router = file.routers
    .filter(({ hostnames }) => hostnames.includes(hostname))
    .toSorted((a, b) => a.rule.length - b.rule.length)[0];
  if (router === undefined) return false;
  const own = new Map(Object.entries(file.middlewares));
  const asks = (name: string, depth: number): boolean => {
    if (name === around.signOnMiddleware) return true;
    const found = own.get(plain(name)) ?? around.middlewares.get(plain(name));
    // Of other providers only the name is known: rather a warning too many.
    if (found === undefined || (name.includes('@') && !name.endsWith('@file')))
      return (around.byName ?? true) && /auth|sso|login/i.test(name);
    if (['forwardAuth', 'basicAuth', 'digestAuth'].includes(found.kind)) return true;
    return depth < 10 && found.chain.some((inner) => asks(inner, depth + 1));
  };
  const behind = (file.services[plain(router.service)] ?? []).some((url) => sameBase(url, around.outpost));
  return behind || router.middlewares.some((name) => asks(name, 0));
}

/** Whether a step puts a sign-on in front of what anybody can reach now. */
export function gainsSignOn({ before, after }: Pick<StepOf<'traefik'>, 'before' | 'after'>): boolean {
  return before?.signOn === false && after?.signOn === true;
}

export function plain(name: string): string {
  return name.replace(/@file$/, '');
}

function sameBase(url: string, other: string | null): boolean {
  return other !== null && url.replace(/\/+$/, '') === other.replace(/\/+$/, '');
}
