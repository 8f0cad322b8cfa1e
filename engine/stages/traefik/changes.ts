import { isRecord, list, text } from '../../json.ts';
import type { RouteState, ShownChange } from '../../types.ts';
import type { FoundFile } from './found-file.ts';
import type { RouteFile } from './route-file.ts';

/** Lines adopting can read again; the words are part of that. */
export const adoptable = {
  hostname: 'host name',
  backend: 'backend',
  resolver: 'certificate resolver',
} as const;

/** What a step changes, in words. Values of a file are only shown where they cannot be secret. */
export function changesOf(
  service: string,
  { found, state }: { readonly found: FoundFile | null; readonly state: RouteState | null },
  wanted: RouteFile | null,
): readonly ShownChange[] {
  if (wanted === null) return [{ what: 'route', before: routeText(state), after: null }];
  if (found === null) return [{ what: 'route', before: null, after: routeText(wanted.state) }];
  if (found.http === null)
    return [{ what: 'route file', before: 'cannot be read', after: routeText(wanted.state) }];
  const before = flat(found.http);
  const after = flat(wanted.document);
  const keys = [...new Set([...after.keys(), ...before.keys()])];
  const lines = keys.flatMap((key) =>
    lineFor(service, key, { before: before.get(key), after: after.get(key) }),
  );
  // A name that changes is in several rules.
  const unique = lines.filter(
    (line, index) =>
      lines.findIndex(
        ({ what, before: a, after: b }) => what === line.what && a === line.before && b === line.after,
      ) === index,
  );
  return unique.length > 0
    ? unique
    : [{ what: 'text of the file', before: 'written differently', after: 'as Sentinel writes it' }];
}

export function routeText(state: RouteState | null): string | null {
  if (state === null) return null;
  const name = state.hostnames.join(', ');
  return `${name === '' ? state.path : name} → ${state.backend ?? 'unknown'}${state.signOn ? ', after signing on' : ''}`;
}

interface Sides {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function lineFor(service: string, key: string, { before, after }: Sides): readonly ShownChange[] {
  if (before === after) return [];
  const show = (what: string, read: (value: string) => string = (value) => value): readonly ShownChange[] => [
    {
      what,
      before: before === undefined ? null : read(before),
      after: after === undefined ? null : read(after),
    },
  ];
  switch (key) {
    case `routers.${service}.rule`: {
      const simple = /^Host\(`([^`]+)`\)$/;
      const [from, to] = [simple.exec(before ?? '')?.[1], simple.exec(after ?? '')?.[1]];
      return from !== undefined && to !== undefined
        ? [{ what: adoptable.hostname, before: from, after: to }]
        : show('rule', (rule) => simple.exec(rule)?.[1] ?? 'another rule');
    }
    case `services.${service}.loadBalancer.servers`:
      return show(adoptable.backend, serversText);
    case `routers.${service}.tls.certResolver`:
      return show(adoptable.resolver);
    case `routers.${service}.entryPoints`:
      return show('entry points', namesText);
    case `routers.${service}.middlewares`:
      return show('middlewares', namesText);
    case `routers.${service}.tls`:
      return show('TLS', () => 'on');
    default:
      return hiddenLine(key, { before, after });
  }
}

/** What a person wrote into a header or a login may be secret, so only that it differs is said. */
function hiddenLine(key: string, { before, after }: Sides): readonly ShownChange[] {
  const what = key.replace(/^(router|service|middleware)s\./, '$1 ');
  if (before === undefined) return [{ what, before: null, after: 'written' }];
  return [{ what, before: 'written', after: after === undefined ? null : 'written anew' }];
}

/** Path → value, maps opened; lists are values. */
function flat(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (!isRecord(value)) return new Map([[path, typeof value === 'string' ? value : JSON.stringify(value)]]);
  const inside = Object.entries(value).flatMap(([key, item]) => [
    ...flat(item, path === '' ? key : `${path}.${key}`),
  ]);
  // An empty `tls` says something: that there is TLS.
  return new Map(path.endsWith('.tls') ? [[path, 'on'], ...inside] : inside);
}

function serversText(value: string): string {
  const urls = list(JSON.parse(value) as unknown).flatMap((server) =>
    isRecord(server) ? (text(server['url']) ?? []) : [],
  );
  return urls.map(shownAddress).join(', ');
}

/** Scheme, host and port: what else a person wrote into an address may be secret. */
export function shownAddress(url: string): string {
  if (!URL.canParse(url)) return 'something else';
  const { protocol, host, username, pathname, search, hash } = new URL(url);
  const more = username !== '' || pathname !== '/' || search !== '' || hash !== '';
  return `${protocol}//${host}${more ? '/…' : ''}`;
}

function namesText(value: string): string {
  return list(JSON.parse(value) as unknown).join(', ');
}
