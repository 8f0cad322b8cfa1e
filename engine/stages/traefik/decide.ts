import type { ScopedService } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import { sha256 } from '../../digest.ts';
import type { AuthentikSystem, Risk, RouteState, StepOf, TraefikSystem } from '../../types.ts';
import { changesOf, routeText, shownAddress } from './changes.ts';
import { checkRoute } from './check-route.ts';
import { type FoundFile, readFoundFile } from './found-file.ts';
import { isAsLeft, leftAt, leftBy, somebodyChanged } from './left.ts';
import { gainsSignOn, isProtected, type Surroundings } from './protection.ts';
import { type Clash, inTheWay, namedTwice, signOnLost, withoutSignOn } from './risks.ts';
import { guardOf } from './route-document.ts';
import { pathOf, routeFile, type RouteFile } from './route-file.ts';

/** What one service wants there. */
export type Wish =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly file: RouteFile }
  /** Protected, but nothing could protect it. */
  | { readonly kind: 'unguarded' }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

export interface Wished {
  readonly scoped: ScopedService;
  readonly wish: Wish;
}
export interface Place {
  readonly system: TraefikSystem;
  readonly authentik: AuthentikSystem | null;
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Every service of the plan: what they no longer want is in nobody's way. */
  readonly all: readonly Wished[];
}
export interface Decision {
  readonly step: StepOf<'traefik'> | null;
  readonly risks: readonly Risk[];
  readonly proof: readonly string[];
  readonly problems: readonly Problem[];
  readonly file: RouteFile | null;
}

const none: Decision = { step: null, risks: [], proof: [], problems: [], file: null };

export function wishOf(
  { want, service }: ScopedService,
  { system, authentik }: Pick<Place, 'system' | 'authentik'>,
): Wish {
  const { route, signOn } = service;
  if (want === 'absent' || route === null) return { kind: 'none' };
  const guard = guardOf(signOn, authentik);
  if (guard === null) return { kind: 'unguarded' };
  const file = routeFile({ ...service, route }, system, guard);
  const problems = checkRoute(service, file);
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'file', file };
}

/** What has to change for one service in the directory Traefik reads now. */
export function decide({ scoped, wish }: Wished, place: Place): Decision {
  const { name } = scoped;
  const path = pathOf(place.system, name);
  const found = place.files.get(path) ?? null;
  const left = leftBy(scoped, place.system.host, path);
  const isMarked = found?.service === name;
  switch (wish.kind) {
    case 'invalid':
      return { ...none, problems: wish.problems };
    case 'unguarded':
      return { ...none, risks: [withoutSignOn(name, found, openIn(found, scoped, place))] };
    case 'none':
      return found !== null && (isMarked || left !== null) ? removal(scoped, found, place) : none;
    case 'file': {
      // Without the mark it may be somebody else's by now; only what nobody touched is surely ours.
      if (found === null || isMarked || (left !== null && isAsLeft(left, sha256(found.text))))
        return arrival({ scoped, wish }, wish.file, place);
      const open = wish.file.state.signOn ? openIn(found, scoped, place) : [];
      return { ...none, risks: [inTheWay(name, { file: found, what: null }, open)] };
    }
  }
}

function arrival(wished: Wished, file: RouteFile, place: Place): Decision {
  const { name, service } = wished.scoped;
  const { path, content } = file.state;
  const found = place.files.get(path) ?? null;
  const before = found === null ? null : observed(found, wished.scoped, place);
  const other = clashWith(wished, file, place);
  if (other !== null && !isBetterGuarded(before, file.state)) {
    const open = gainsSignOn({ before, after: file.state }) ? before?.hostnames : null;
    return { ...none, risks: [inTheWay(name, other, open ?? [])] };
  }
  if (found !== null && sha256(found.text) === content)
    return { ...none, proof: [`the route ${routeText(file.state) ?? path} is written`] };
  const around = surroundings(place, wished.scoped);
  const lost = hadSignOn(wished.scoped, before, file) && !staysProtected(file, around);
  return {
    ...none,
    file,
    risks: [
      ...(other === null ? [] : [namedTwice(name, other)]),
      ...(lost ? [signOnLost(name, file.state.hostnames, service.signOn?.method === 'oidc')] : []),
    ],
    step: step(wished.scoped, {
      system: place.system.host,
      target: targetOf(file.state),
      cause: causeOf(before, leftBy(wished.scoped, place.system.host, path)),
      changes: changesOf(name, { found, state: before }, file),
      before,
      after: file.state,
    }),
  };
}

/** That our own file stays open would help nobody; but it may not ask for a name more than it does already. */
function isBetterGuarded(before: RouteState | null, after: RouteState): boolean {
  const isNew = (hostname: string): boolean => before?.hostnames.includes(hostname) !== true;
  return gainsSignOn({ before, after }) && !after.hostnames.some(isNew);
}

function removal(scoped: ScopedService, found: FoundFile, place: Place): Decision {
  const { name } = scoped;
  const before = observed(found, scoped, place);
  const left = leftBy(scoped, place.system.host, found.path);
  if (left !== null && !isAsLeft(left, before.content)) {
    const message = `The route file ${found.path} of ${name} is no longer as Sentinel left it, so it stays. Remove it by hand if nobody needs it.`;
    return { ...none, risks: [{ code: 'system-left', service: name, message, alwaysApprove: false }] };
  }
  return {
    ...none,
    step: step(scoped, {
      system: place.system.host,
      target: targetOf(before),
      cause: scoped.want === 'absent' ? 'the service is removed' : 'the definition asks for no route',
      changes: changesOf(name, { found, state: before }, null),
      before,
      after: null,
    }),
  };
}

/** A step of ours for one route file; the planner gives it its number. */
export function step(
  { name }: ScopedService,
  parts: Pick<StepOf<'traefik'>, 'system' | 'target' | 'cause' | 'changes' | 'before' | 'after'>,
): StepOf<'traefik'> {
  return { id: `traefik ${name}`, stage: 'traefik', service: name, ...parts };
}

export function targetOf({ host, path }: Pick<RouteState, 'host' | 'path'>): string {
  return `the route file ${path} on ${host}`;
}

function observed(found: FoundFile, scoped: ScopedService, place: Place): RouteState {
  const { host } = place.system;
  const left = leftAt(scoped, host, found.path);
  const content = sha256(found.text);
  const around = surroundings(place, scoped);
  const router = found.routers.find(({ name }) => name === scoped.name) ?? found.routers[0];
  const signOn =
    left?.content === content || found.http === null
      ? (left?.signOn ?? false)
      : found.hostnames.some((hostname) => isProtected(found, hostname, around));
  return {
    host,
    path: found.path,
    hostnames: found.hostnames,
    backend: backendOf(found, router?.service),
    signOn,
    content,
  };
}

function backendOf({ services }: FoundFile, service = ''): string | null {
  const [url] = services[service] ?? [];
  return url === undefined ? null : shownAddress(url);
}

/** The names an existing file lets anybody reach, where it should ask them to sign on. */
function openIn(found: FoundFile | null, scoped: ScopedService, place: Place): readonly string[] {
  const isKnown =
    found !== null &&
    (found.service === scoped.name || leftAt(scoped, place.system.host, found.path) !== null);
  return isKnown && !observed(found, scoped, place).signOn ? found.hostnames : [];
}

/** Whether people had to sign on so far: by the file that is there, or by one we left elsewhere. */
function hadSignOn({ owned }: ScopedService, before: RouteState | null, { state }: RouteFile): boolean {
  const isHere = ({ host, path }: RouteState): boolean => host === state.host && path === state.path;
  return (
    before?.signOn === true ||
    owned.some(
      ({ stage, after }) =>
        stage === 'traefik' && after?.signOn === true && (before === null || !isHere(after)),
    )
  );
}

function staysProtected({ state, text }: RouteFile, around: Surroundings): boolean {
  const written = readFoundFile(state.path, text);
  return (
    state.signOn ||
    state.hostnames.some((hostname) => isProtected(written, hostname, { ...around, byName: false }))
  );
}

function surroundings({ files, authentik }: Place, { service }: ScopedService): Surroundings {
  return {
    middlewares: new Map([...files.values()].flatMap(({ middlewares }) => Object.entries(middlewares))),
    signOnMiddleware: service.route?.signOnMiddleware ?? null,
    outpost: authentik?.outpostUrl ?? null,
  };
}

function causeOf(before: RouteState | null, left: StepOf<'traefik'> | null): string {
  if (before === null) return left === null ? 'there is no route' : 'somebody removed the route file';
  if (left !== null && !isAsLeft(left, before.content)) return somebodyChanged;
  return 'the route differs from what Git wants';
}

/** The first file of somebody else that asks for the same host name, or uses a name of ours. */
function clashWith({ scoped }: Wished, file: RouteFile, { files, all }: Place): Clash | null {
  const names = new Set(Object.keys(file.document.routers));
  for (const other of files.values()) {
    if (other.path === file.state.path || leaves(other, all, scoped.name)) continue;
    // Where it was before the directory changed; that file goes.
    const left = leftBy(scoped, file.state.host, other.path);
    if (left !== null && isAsLeft(left, sha256(other.text))) continue;
    const host = other.hostnames.find((hostname) => file.state.hostnames.includes(hostname));
    if (host !== undefined) return { file: other, what: `already routes ${host}` };
    const router = other.routers.find(({ name }) => names.has(name));
    if (router !== undefined) return { file: other, what: `already has a router “${router.name}”` };
  }
  return null;
}

/** Whether a file is one of ours that this plan replaces or takes away, so that what it says now does not count. */
function leaves({ service, path }: FoundFile, all: readonly Wished[], self: string): boolean {
  if (service === null || service === self) return false;
  const wished = all.find(({ scoped }) => scoped.name === service);
  if (wished === undefined) return false;
  if (wished.wish.kind === 'file') return wished.wish.file.state.path === path;
  return wished.wish.kind === 'none';
}
