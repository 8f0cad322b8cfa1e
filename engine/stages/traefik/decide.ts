import type { ScopedService } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import { sha256 } from '../../digest.ts';
import type { AuthentikSystem, Risk, RouteState, StepOf, TraefikSystem } from '../../types.ts';
import { changesOf, routeText } from './changes.ts';
import { checkRoute } from './check-route.ts';
import { type FoundFile, readFoundFile } from './found-file.ts';
import { isProtected, type Surroundings } from './protection.ts';
import { inTheWay, signOnLost, withoutSignOn } from './risks.ts';
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
  const left = leftAt(scoped, place.system.host, path);
  const ours = found === null || found.service === name || left !== null;
  switch (wish.kind) {
    case 'invalid':
      return { ...none, problems: wish.problems };
    case 'unguarded':
      return { ...none, risks: [withoutSignOn(name, found !== null)] };
    case 'none':
      return found === null || !ours ? none : removal(scoped, found, place);
    case 'file':
      return ours
        ? arrival({ scoped, wish }, wish.file, place)
        : { ...none, risks: [inTheWay(name, found, null)] };
  }
}

function arrival(wished: Wished, file: RouteFile, place: Place): Decision {
  const { name, service } = wished.scoped;
  const { path, content } = file.state;
  const found = place.files.get(path) ?? null;
  const other = clashWith(wished, file, place);
  if (other !== null) return { ...none, risks: [inTheWay(name, other.file, other.what)] };
  if (found !== null && sha256(found.text) === content)
    return { ...none, proof: [`the route ${routeText(file.state) ?? path} is written`] };
  const before = found === null ? null : observed(found, wished.scoped, place);
  const around = surroundings(place, service.route?.signOnMiddleware ?? null);
  const left = leftAt(wished.scoped, place.system.host, path);
  const lost = (before ?? left)?.signOn === true && !staysProtected(file, around);
  return {
    ...none,
    file,
    risks: lost ? [signOnLost(name, file.state.hostnames, service.signOn?.method === 'oidc')] : [],
    step: step(wished.scoped, {
      system: place.system.host,
      target: targetOf(file.state),
      cause: causeOf(before, left),
      changes: changesOf(name, { found, state: before }, file),
      before,
      after: file.state,
    }),
  };
}

function removal(scoped: ScopedService, found: FoundFile, place: Place): Decision {
  const { name } = scoped;
  const before = observed(found, scoped, place);
  const left = leftAt(scoped, place.system.host, found.path);
  if (left !== null && left.content !== before.content) {
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

/** What the last deployment left at a place; null: nothing. */
export function leftAt({ owned }: ScopedService, host: string, path: string): RouteState | null {
  for (const { stage, after } of owned)
    if (stage === 'traefik' && after !== null && after.host === host && after.path === path) return after;
  return null;
}

function observed(found: FoundFile, scoped: ScopedService, place: Place): RouteState {
  const { host } = place.system;
  const left = leftAt(scoped, host, found.path);
  const content = sha256(found.text);
  const around = surroundings(place, scoped.service.route?.signOnMiddleware ?? null);
  const router = found.routers.find(({ name }) => name === scoped.name) ?? found.routers[0];
  const signOn =
    left?.content === content || found.http === null
      ? (left?.signOn ?? false)
      : found.hostnames.some((hostname) => isProtected(found, hostname, around));
  return {
    host,
    path: found.path,
    hostnames: found.hostnames,
    backend: router === undefined ? null : (found.services[router.service]?.[0] ?? null),
    signOn,
    content,
  };
}

function staysProtected({ state, text }: RouteFile, around: Surroundings): boolean {
  const written = readFoundFile(state.path, text);
  return state.signOn || state.hostnames.some((hostname) => isProtected(written, hostname, around));
}

function surroundings({ files, authentik }: Place, signOnMiddleware: string | null): Surroundings {
  return {
    middlewares: new Map([...files.values()].flatMap(({ middlewares }) => Object.entries(middlewares))),
    signOnMiddleware,
    outpost: authentik?.outpostUrl ?? null,
  };
}

function causeOf(before: RouteState | null, left: RouteState | null): string {
  if (before === null) return left === null ? 'there is no route' : 'somebody removed the route file';
  if (left !== null && left.content !== before.content) return 'somebody changed the route file';
  return 'the route differs from the definition';
}

/** The first file of somebody else that asks for the same host name, or uses a name of ours. */
function clashWith(
  { scoped }: Wished,
  file: RouteFile,
  { files, all }: Place,
): { readonly file: FoundFile; readonly what: string } | null {
  const names = new Set(Object.keys(file.document.routers));
  for (const other of files.values()) {
    if (other.path === file.state.path || leaves(other, all, scoped.name)) continue;
    // Where it was before the directory changed; that file goes.
    if (leftAt(scoped, file.state.host, other.path)?.content === sha256(other.text)) continue;
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
