import type { Visited } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { RouteCheck } from '../../types.ts';

/** What a visit of a route proves. */
export type Judged = { readonly ok: true; readonly did: readonly string[] } | Failed;
interface Failed {
  readonly ok: false;
  readonly problem: Problem;
}

export interface Visiting {
  readonly state: RouteCheck;
  readonly visited: Visited | null;
  readonly now: Date;
}

/** Judges one visit. A route that leads wrong is said before its certificate, which is often wrong only because of that. */
export function judgeVisit({ state, visited, now }: Visiting): Judged {
  const { url, address, port } = state;
  if (visited === null)
    return wrong({
      message: `Nothing answers for ${url} at ${address}:${port}.`,
      hint: 'See whether the proxy runs, and whether `systems.traefik` of sentinel.yml names its address and port.',
    });
  const { certificate } = visited;
  const led = judgeAnswer(state, visited);
  const fault = certificate?.fault ?? null;
  if (!led.ok) return fault === null ? led : withFault(led, fault);
  if (fault !== null) return certificateWrong(url, fault);
  return certificate === null ? led : { ok: true, did: [...led.did, validity(certificate.validUntil, now)] };
}

const unavailable: Readonly<Record<number, string>> = {
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

function judgeAnswer({ url, signOn }: RouteCheck, visited: Visited): Judged {
  const { status, body } = visited;
  if (status === 404 && body.trim() === '404 page not found')
    return wrong({
      message: `There is no route for ${url}: it answers 404 page not found, as Traefik does for what it does not know.`,
      hint: 'See Traefik’s log for a file it could not read: one of them holds up all others.',
    });
  const unable = unavailable[status];
  if (unable !== undefined)
    return wrong({
      message: `The route of ${url} is there, but what it leads to does not answer (${status} ${unable}).`,
      hint: 'See whether the proxy reaches the address and port of the service, and whether the scheme is right.',
    });
  if (status >= 500)
    return wrong({
      message: `${url} answers ${status}.`,
      hint:
        signOn === null
          ? 'See the log of the service.'
          : 'See whether the proxy reaches the outpost of the sign-on, then the log of the service.',
    });
  return signOn === null ? judgeOpen(url, visited) : judgeGuarded(url, { visited, signOn });
}

/** A service may well have a login of its own, so only the proxy's one is wrong here. */
function judgeOpen(url: string, visited: Visited): Judged {
  if (!isFromOutpost(visited)) return { ok: true, did: [`${url} answers ${visited.status}`] };
  return wrong({
    message: `${url} asks people to sign on, though its definition does not say so.`,
    hint: 'Remove the middleware from the route, or say `authentik: enabled: true` in the definition.',
  });
}

function judgeGuarded(
  url: string,
  { visited, signOn }: { readonly visited: Visited; readonly signOn: string },
): Judged {
  const { status, location, body } = visited;
  if (asksToSignOn(url, { visited, signOn }))
    return { ok: true, did: [`${url} asks to sign on (${status})`] };
  if (body.includes('no app for hostname'))
    return wrong({
      message: `The sign-on does not know ${url} (${status}), so nobody gets in.`,
      hint: 'See whether its application has a provider, and whether the outpost serves that provider.',
    });
  const instead = location === null ? `answers ${status}` : `leads to ${placeOf(location, url)} (${status})`;
  return wrong({
    message: `${url} is REACHABLE WITHOUT SIGN-ON: it ${instead} instead of sending people to ${signOn}.`,
    hint: 'Take the route away or put the middleware of the sign-on on it now; until then everybody gets in.',
  });
}

/** Authentik sends people to itself, or first through its outpost on the same host name. */
function asksToSignOn(
  url: string,
  { visited, signOn }: { readonly visited: Visited; readonly signOn: string },
): boolean {
  if (isFromOutpost(visited)) return true;
  const target = visited.location === null ? null : parsed(visited.location, url);
  const base = new URL(signOn);
  const prefix = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return target !== null && target.origin === base.origin && `${target.pathname}/`.startsWith(prefix);
}

/** The outpost leaves its path in every address it makes, and its product in the page of a 401. */
function isFromOutpost({ status, location, body }: Visited): boolean {
  if (location !== null && status >= 300 && status < 400)
    return location.toLowerCase().includes('outpost.goauthentik.io');
  return status === 401 && /outpost\.goauthentik\.io|authentik/i.test(body);
}

function parsed(location: string, url: string): URL | null {
  return URL.canParse(location, url) ? new URL(location, url) : null;
}

/** Without what is behind the question mark, which may be a key. */
function placeOf(location: string, url: string): string {
  const target = parsed(location, url);
  return target === null ? 'an address that is none' : `${target.origin}${target.pathname}`;
}

function wrong({ message, hint }: { readonly message: string; readonly hint: string }): Failed {
  return { ok: false, problem: { code: 'route-wrong', message, hint } };
}

function withFault({ problem }: Failed, fault: string): Failed {
  const message = `${problem.message} Its certificate does not hold either: ${fault}.`;
  return { ok: false, problem: { ...problem, message } };
}

function certificateWrong(url: string, fault: string): Failed {
  const own = fault.includes('.traefik.default');
  return {
    ok: false,
    problem: {
      code: 'certificate-invalid',
      message: `The certificate of ${url} does not hold: ${fault}.`,
      hint: own
        ? 'It is Traefik’s own default: the certificate is still being issued, or its resolver failed. Wait a minute and look again, then see Traefik’s log and whether the `cert_resolver` is one it has.'
        : 'Renew it; if it comes from an authority of your own, name that under `systems.traefik.ca` of sentinel.yml.',
    },
  };
}

const soonDays = 14;
const dayMs = 86_400_000;

function validity(until: Date, now: Date): string {
  const date = until.toISOString().slice(0, 10);
  const days = Math.floor((until.getTime() - now.getTime()) / dayMs);
  if (days >= soonDays) return `certificate valid until ${date}`;
  const left = days === 1 ? '1 day' : `${days} days`;
  return `⚠️ certificate valid for ${left} only, until ${date}: see that it is renewed`;
}
