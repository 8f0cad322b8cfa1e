import { isRecord, list, text } from '../../json.ts';
import type { LoadedRouter, ProxyView } from '../../system-ports/index.ts';
import { readFoundFile } from './found-file.ts';
import { plain } from './protection.ts';

/** What the proxy has to have loaded once one file is as it should be. */
export interface Expectation {
  readonly routers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly middlewares: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Routers that must be gone. */
  readonly gone: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Null when the text is beyond us, so that nothing can be proven. */
export function expectationOf(path: string, before: string | null, after: string | null): Expectation | null {
  const [old, now] = [read(path, before), read(path, after)];
  if (now === null) return null;
  const gone = Object.entries(old?.routers ?? {}).filter(([name]) => now.routers[name] === undefined);
  return { ...now, gone: Object.fromEntries(gone) };
}

function read(path: string, content: string | null): Omit<Expectation, 'gone'> | null {
  if (content === null) return { routers: {}, services: {}, middlewares: {} };
  const { http, fault } = readFoundFile(path, content);
  if (http === null || fault !== null) return null;
  return {
    routers: entries(http['routers']),
    services: entries(http['services']),
    middlewares: entries(http['middlewares']),
  };
}

/** What is not yet as expected, in words. */
export interface Differences {
  /** What is not loaded, or not as written. */
  readonly loaded: readonly string[];
  /** What is loaded and does not work. */
  readonly working: readonly string[];
}

export function differences(expected: Expectation, view: ProxyView): Differences {
  const part = (
    kind: 'service' | 'middleware',
    loaded: readonly (LoadedPart & { readonly name: string })[],
  ) =>
    Object.entries(expected[`${kind}s`]).map(([name, wanted]) =>
      partFault(
        `${kind} “${name}”`,
        wanted,
        loaded.find((one) => one.name === `${name}@file`),
      ),
    );
  const faults = [
    ...Object.entries(expected.routers).map(([name, router]) => routerFault(name, router, view)),
    ...part('service', view.services),
    ...part('middleware', view.middlewares),
  ];
  const stillThere = Object.entries(expected.gone)
    .filter(([name, router]) => loadedAs(name, router, view).some(({ rule }) => rule === router['rule']))
    .map(([name]) => `the router “${name}” is still there`);
  return {
    loaded: [...faults.flatMap(({ loaded = [] }) => loaded), ...stillThere],
    working: faults.flatMap(({ working = [] }) => working),
  };
}

/** Traefik splits a router that has several entry points, some of them with settings of their own. */
function loadedAs(
  name: string,
  wanted: Readonly<Record<string, unknown>>,
  { routers }: ProxyView,
): readonly LoadedRouter[] {
  const points = texts(wanted['entryPoints']);
  const parts = points.length < 2 ? [] : points;
  return routers.filter(
    (router) =>
      router.name === `${name}@file` ||
      parts.some(
        (point) =>
          router.name === `${point}-${name}@file` &&
          router.entryPoints.join() === point &&
          router.rule === wanted['rule'],
      ),
  );
}

function routerFault(
  name: string,
  wanted: Readonly<Record<string, unknown>>,
  view: ProxyView,
): Partial<Differences> {
  const entryPoints = texts(wanted['entryPoints']);
  const found = loadedAs(name, wanted, view);
  const what = `the router “${name}”`;
  if (found.length === 0) return { loaded: [`${what} is not there`] };
  const covered = found.flatMap((router) => router.entryPoints);
  if (
    !entryPoints.every((point) => covered.includes(point)) ||
    !found.every((router) => isAs(wanted, router))
  )
    return { loaded: [`${what} is not as written`] };
  return {
    working: found.flatMap(({ status, errors }) =>
      status === 'enabled' ? [] : [`${what} is ${status}${reasons(errors)}`],
    ),
  };
}

/** What entry points add of their own comes in front of, or beside, what is written. */
function isAs(wanted: Readonly<Record<string, unknown>>, router: LoadedRouter): boolean {
  const middlewares = texts(wanted['middlewares']).map(plain);
  const loaded = router.middlewares.map(plain);
  const tls = wanted['tls'];
  const resolver = isRecord(tls) ? text(tls['certResolver']) : null;
  return (
    router.rule === wanted['rule'] &&
    plain(router.service) === wanted['service'] &&
    (middlewares.length === 0 || loaded.slice(-middlewares.length).join() === middlewares.join()) &&
    (tls === undefined || router.tls !== null) &&
    (resolver === null || router.tls?.certResolver === resolver)
  );
}

interface LoadedPart {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly errors: readonly string[];
}

function partFault(what: string, wanted: unknown, found: LoadedPart | undefined): Partial<Differences> {
  if (found === undefined) return { loaded: [`the ${what} is not there`] };
  if (!contains(found.settings, wanted)) return { loaded: [`the ${what} is not as written`] };
  return found.status === 'enabled'
    ? {}
    : { working: [`the ${what} is ${found.status}${reasons(found.errors)}`] };
}

function reasons(errors: readonly string[]): string {
  return errors.length === 0 ? '' : `: ${errors.join('; ')}`;
}

/** The API adds defaults and leaves out what is off. */
function contains(loaded: unknown, wanted: unknown): boolean {
  if (isRecord(wanted)) {
    const inside = isRecord(loaded) ? loaded : {};
    return Object.entries(wanted).every(([key, value]) => contains(inside[key], value));
  }
  if (Array.isArray(wanted))
    return (
      Array.isArray(loaded) &&
      loaded.length === wanted.length &&
      wanted.every((value, index) => contains(loaded[index], value))
    );
  if (loaded === undefined) return [false, 0, '', null].some((nothing) => nothing === wanted);
  return loaded === wanted || sameDuration(loaded, wanted);
}

/** `90s` is told as `1m30s`, or in nanoseconds. */
function sameDuration(loaded: unknown, wanted: unknown): boolean {
  const [a, b] = [milliseconds(loaded), milliseconds(wanted)];
  return a !== null && a === b;
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function milliseconds(value: unknown): number | null {
  if (typeof value === 'number') return value / 1e6;
  if (typeof value !== 'string' || !/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(value)) return null;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (units[unit] ?? 0), 0);
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}

function entries(value: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, isRecord(item) ? item : {}]));
}
