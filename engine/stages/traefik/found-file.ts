import { parseDocument } from 'yaml';
import { isRecord, list, text } from '../../json.ts';
import { hostsOfRule, hostsOfText } from './host-rule.ts';
import { markedFor } from './mark.ts';

/** A file of the proxy's directory, as far as deciding needs it. */
export interface FoundFile {
  readonly path: string;
  readonly text: string;
  /** The service it is marked for as ours. */
  readonly service: string | null;
  /** Host names any of its routers asks for. */
  readonly hostnames: readonly string[];
  readonly routers: readonly FoundRouter[];
  /** Name → addresses of its servers. */
  readonly services: Readonly<Record<string, readonly string[]>>;
  /** Name → what it is: `forwardAuth`, and for a chain what it is made of. */
  readonly middlewares: Readonly<Record<string, FoundMiddleware>>;
  /** What is below `http`, for comparing; null where it could not be read. */
  readonly http: Readonly<Record<string, unknown>> | null;
  /** Why Traefik refuses it, and with it every file; null: nothing we can see. */
  readonly fault: string | null;
}
export interface FoundRouter {
  readonly name: string;
  readonly hostnames: readonly string[];
  readonly rule: string;
  readonly service: string;
  readonly middlewares: readonly string[];
}
export interface FoundMiddleware {
  readonly kind: string;
  readonly chain: readonly string[];
}

const nothing = { routers: [], services: {}, middlewares: {}, http: null, fault: null } as const;

/** Reads what Traefik would read. Never fails: what cannot be read says so. */
export function readFoundFile(path: string, content: string): FoundFile {
  const shared = { path, text: content, service: markedFor(content) };
  const unread = { ...shared, ...nothing, hostnames: hostsOfText(content) };
  // Templates are run before anything else is read, and TOML is rare: a search for rules has to do.
  if (!/\.ya?ml$/i.test(path) || content.replaceAll(escapedBraces, '').includes('{{')) return unread;
  const document = parseDocument(content.replaceAll(escapedBraces, '{{'), {
    logLevel: 'silent',
    merge: true,
    version: '1.2',
  });
  // Of several documents Traefik reads the first.
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (error !== undefined) return { ...unread, fault: faultOf(error) };
  let root: unknown;
  try {
    root = document.toJS();
  } catch {
    return { ...unread, fault: 'its aliases cannot be resolved' };
  }
  if (root === null) return { ...shared, ...nothing, hostnames: [] };
  if (!isRecord(root)) return { ...unread, fault: 'it is not a map' };
  return { ...shared, ...contentOf(root), fault: emptyMap(root) };
}

/** A file that is no text: what is in it is nobody's to compare, to keep or to write back. */
export function unreadableFile(path: string): FoundFile {
  return { path, text: '', service: null, ...nothing, hostnames: [], fault: 'it is no text in UTF-8' };
}

/** Where and of what kind. The parser's own words quote the file, and what is in it may be secret. */
function faultOf({
  code,
  linePos,
}: {
  readonly code: string;
  readonly linePos?: readonly { readonly line: number }[];
}): string {
  const line = linePos?.[0]?.line;
  const kind = code.toLowerCase().replaceAll('_', ' ');
  return `it is no valid YAML${line === undefined ? '' : `, line ${line}`} (${kind})`;
}

const escapedBraces = '{{ "{{" }}';

function contentOf(root: Readonly<Record<string, unknown>>) {
  const http = record(root['http']);
  const routers = Object.entries(record(http['routers'])).map(([name, value]): FoundRouter => {
    const router = record(value);
    const rule = text(router['rule']) ?? '';
    return {
      name,
      rule,
      hostnames: hostsOfRule(rule),
      service: text(router['service']) ?? '',
      middlewares: texts(router['middlewares']),
    };
  });
  // A TCP router for the same name takes its connections before any HTTP router sees them.
  const passed = Object.values(record(record(root['tcp'])['routers'])).flatMap((value) =>
    hostsOfRule(text(record(value)['rule']) ?? ''),
  );
  return {
    routers,
    hostnames: [...new Set([...routers.flatMap(({ hostnames }) => hostnames), ...passed])],
    services: mapped(http['services'], (value) =>
      list(record(value['loadBalancer'])['servers']).flatMap((server) => text(record(server)['url']) ?? []),
    ),
    middlewares: mapped(http['middlewares'], (value) => ({
      kind: Object.keys(value)[0] ?? '',
      chain: texts(record(value['chain'])['middlewares']),
    })),
    http,
  };
}

/** An empty section, or an empty entry of one, is an error to Traefik; deeper ones may be fine, such as `tls` or `compress`. */
function emptyMap(value: unknown, path: readonly string[] = []): string | null {
  if (!isRecord(value) || path.length > 3) return null;
  const entries = Object.entries(value);
  if (entries.length === 0 && path.length > 0) return `${path.join('.')} is an empty map`;
  const sections = path.length === 0 ? entries.filter(([key]) => known.includes(key)) : entries;
  for (const [key, inside] of sections) {
    const fault = emptyMap(inside, [...path, key]);
    if (fault !== null) return fault;
  }
  return null;
}

/** Unknown keys at the root are ignored, with all below them. */
const known = ['http', 'tcp', 'udp'];

function mapped<T>(
  value: unknown,
  read: (value: Readonly<Record<string, unknown>>) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(record(value)).map(([key, inside]) => [key, read(record(inside))]),
  );
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
