import { isRecord, list, text } from '../../engine/json.ts';
import type { Decoded, Section } from './decode.ts';
import { parseRule, type Rule } from './rule.ts';

export interface Part {
  readonly name: string;
  readonly written: Readonly<Record<string, unknown>>;
  readonly status: 'enabled' | 'disabled' | 'warning';
  readonly errors: readonly string[];
}
export interface Router extends Part {
  readonly rule: Rule | null;
  readonly priority: number;
  readonly entryPoints: readonly string[];
  readonly middlewares: readonly string[];
  readonly service: string;
  readonly tls: { readonly certResolver: string | null } | null;
}
/** What is loaded, with what came of it. */
export interface Runtime {
  readonly routers: readonly Router[];
  readonly services: readonly Part[];
  readonly middlewares: readonly Part[];
}

export const emptyRuntime: Runtime = { routers: [], services: [], middlewares: [] };

/** Checks that what routers name is there; one that names something missing is loaded and does not work. */
export function runtimeOf(decoded: Decoded, entryPoints: readonly string[]): Runtime {
  const part = ([name, written]: [string, Readonly<Record<string, unknown>>]): Part => ({
    name,
    written,
    status: 'enabled',
    errors: [],
  });
  return {
    routers: Object.entries(decoded.routers).map(([name, written]) =>
      routerOf(name, written, { decoded, entryPoints }),
    ),
    services: Object.entries(decoded.services).map(part),
    middlewares: Object.entries(decoded.middlewares).map(part),
  };
}

interface Around {
  readonly decoded: Decoded;
  readonly entryPoints: readonly string[];
}

function routerOf(name: string, written: Readonly<Record<string, unknown>>, around: Around): Router {
  const errors: string[] = [];
  const ruleText = text(written['rule']) ?? '';
  const rule = readRule(ruleText, errors);
  const asked = texts(written['entryPoints']);
  const known = asked.filter((point) => around.entryPoints.includes(point));
  const service = plain(text(written['service']) ?? '');
  const middlewares = texts(written['middlewares']).map(plain);
  errors.push(...missing({ service, middlewares }, around.decoded));
  if (asked.length > 0 && known.length === 0) errors.push('no valid entryPoint for this router');
  const unknown = asked.filter((point) => !known.includes(point));
  const warnings = unknown.map((point) => `EntryPoint doesn't exist: ${point}`);
  const priority = written['priority'];
  return {
    name,
    written,
    status: errors.length > 0 ? 'disabled' : warnings.length > 0 ? 'warning' : 'enabled',
    errors: [...errors, ...warnings],
    rule,
    priority: typeof priority === 'number' && priority !== 0 ? priority : ruleText.length,
    entryPoints: asked.length === 0 ? around.entryPoints : known,
    middlewares,
    service,
    tls: tlsOf(written['tls']),
  };
}

function tlsOf(tls: unknown): Router['tls'] {
  if (tls === undefined) return null;
  return { certResolver: isRecord(tls) ? text(tls['certResolver']) : null };
}

function missing(
  { service, middlewares }: Pick<Router, 'service' | 'middlewares'>,
  decoded: Decoded,
): readonly string[] {
  return [
    ...(has(decoded.services, service) ? [] : [`the service "${service}@file" does not exist`]),
    ...middlewares
      .filter((middleware) => !has(decoded.middlewares, middleware))
      .map((name) => `middleware "${name}${name.includes('@') ? '' : '@file'}" does not exist`),
  ];
}

function readRule(rule: string, errors: string[]): Rule | null {
  try {
    return parseRule(rule);
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
    return null;
  }
}

const has = (section: Section, name: string): boolean => section[name] !== undefined;

export function plain(name: string): string {
  return name.replace(/@file$/, '');
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}
