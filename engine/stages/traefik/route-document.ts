import type { AuthentikSystem, Route, Service, SignOn } from '../../types.ts';

/** What a route file says below `http`. Keys are Traefik's own. */
export interface RouteDocument {
  readonly routers: Readonly<Record<string, RouterEntry>>;
  readonly services: Readonly<Record<string, ServiceEntry>>;
  readonly middlewares?: Readonly<Record<string, MiddlewareEntry>>;
}
export interface RouterEntry {
  readonly rule: string;
  readonly entryPoints?: readonly string[];
  readonly priority?: number;
  readonly middlewares?: readonly string[];
  readonly service: string;
  readonly tls?: { readonly certResolver?: string };
}
export interface ServiceEntry {
  readonly loadBalancer: {
    readonly servers: readonly { readonly url: string }[];
    readonly healthCheck?: { readonly path: string; readonly interval: string; readonly timeout: string };
  };
}
export type MiddlewareEntry =
  | { readonly headers: HeadersEntry }
  | {
      readonly forwardAuth: {
        readonly address: string;
        readonly trustForwardHeader: boolean;
        readonly authResponseHeaders: readonly string[];
      };
    };
export interface HeadersEntry {
  readonly frameDeny?: true;
  readonly stsSeconds?: number;
  readonly contentTypeNosniff?: true;
  readonly customResponseHeaders?: Readonly<Record<string, string>>;
}

/** What is published, and how it is guarded; `outpost` is where Traefik reaches Authentik's outpost. */
export type Guard =
  | { readonly kind: 'open' }
  /** Traefik asks the outpost before each request. */
  | { readonly kind: 'asks'; readonly single: boolean; readonly outpost: string }
  /** The outpost itself passes requests on. */
  | { readonly kind: 'behind'; readonly outpost: string };

/** Null: it wants a sign-on that nobody can give, so it must not be published at all. */
export function guardOf(signOn: SignOn | null, authentik: AuthentikSystem | null): Guard | null {
  if (signOn === null || signOn.method === 'oidc') return { kind: 'open' };
  if (authentik === null) return null;
  const outpost = authentik.outpostUrl;
  if (signOn.method === 'proxy') return { kind: 'behind', outpost };
  return { kind: 'asks', single: signOn.method === 'forward_auth', outpost };
}

/** Above any rule for a host alone, whose priority is its length. */
const outpostPriority = 1000;

/** Headers of the outpost that tell the service who signed on. */
const identityHeaders = [
  'X-authentik-username',
  'X-authentik-groups',
  'X-authentik-entitlements',
  'X-authentik-email',
  'X-authentik-name',
  'X-authentik-uid',
  'X-authentik-jwt',
  'X-authentik-meta-jwks',
  'X-authentik-meta-outpost',
  'X-authentik-meta-provider',
  'X-authentik-meta-app',
  'X-authentik-meta-version',
];

export function routeDocument({ name }: Pick<Service, 'name'>, route: Route, guard: Guard): RouteDocument {
  const own = ownMiddlewares(name, route, guard);
  const asked = guard.kind === 'asks' ? [route.signOnMiddleware ?? `${name}-auth`] : [];
  // Our headers come first: they see the answer last, so that what they say holds.
  const first = [...Object.keys(own).filter((key) => !asked.includes(key)), ...asked];
  const middlewares = [...first, ...route.middlewares.filter((other) => !first.includes(other))];
  const rule = `Host(\`${route.hostname}\`)`;
  const shared = {
    ...(route.entryPoints.length === 0 ? {} : { entryPoints: route.entryPoints }),
    ...(route.tls === null ? {} : { tls: tlsOf(route.tls) }),
  };
  const main = { rule, ...shared, ...(middlewares.length === 0 ? {} : { middlewares }), service: name };
  const outpost = guard.kind === 'asks' && guard.single ? `${name}-outpost` : null;
  return {
    routers: {
      [name]: main,
      ...(outpost === null ? {} : { [outpost]: { ...outpostRouter(rule), ...shared, service: outpost } }),
    },
    services: {
      [name]: serviceOf(route, guard),
      ...(outpost === null || guard.kind === 'open'
        ? {}
        : { [outpost]: { loadBalancer: { servers: [{ url: guard.outpost }] } } }),
    },
    ...(Object.keys(own).length === 0 ? {} : { middlewares: own }),
  };
}

/**
 * Without a middleware, or nobody could ever sign on; in the same file as the service's own router, so that neither is
 * there without the other.
 */
function outpostRouter(rule: string) {
  return { rule: `${rule} && PathPrefix(\`/outpost.goauthentik.io/\`)`, priority: outpostPriority };
}

function ownMiddlewares(name: string, route: Route, guard: Guard): Readonly<Record<string, MiddlewareEntry>> {
  const headers = headersOf(route);
  return {
    ...(headers === null ? {} : { [`${name}-headers`]: { headers } }),
    ...(guard.kind === 'asks' && route.signOnMiddleware === null
      ? { [`${name}-auth`]: { forwardAuth: forwardAuth(guard.outpost) } }
      : {}),
  };
}

function tlsOf({ certResolver }: { readonly certResolver: string | null }): RouterEntry['tls'] & object {
  return certResolver === null ? {} : { certResolver };
}

function serviceOf(route: Route, guard: Guard): ServiceEntry {
  // The outpost would answer the health check of the service with a login page.
  if (guard.kind === 'behind') return { loadBalancer: { servers: [{ url: guard.outpost }] } };
  const { backend, healthCheck } = route;
  return {
    loadBalancer: {
      servers: [{ url: backend }],
      ...(healthCheck === null
        ? {}
        : {
            healthCheck: {
              path: healthCheck.path,
              interval: duration(healthCheck.interval),
              timeout: duration(healthCheck.timeout),
            },
          }),
    },
  };
}

function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.max(1, Math.round(seconds * 1000))}ms`;
}

/** What says no more than Traefik does anyway is left out; null: nothing is said. */
function headersOf({ headers }: Route): HeadersEntry | null {
  const { frameDeny, stsSeconds, contentTypeNosniff } = headers;
  const custom = {
    // An empty value takes away what the service itself says.
    ...(frameDeny === false ? { 'X-Frame-Options': '' } : {}),
    ...headers.custom,
  };
  const entry: HeadersEntry = {
    ...(frameDeny === true ? { frameDeny } : {}),
    ...(stsSeconds !== null && stsSeconds > 0 ? { stsSeconds } : {}),
    ...(contentTypeNosniff === true ? { contentTypeNosniff } : {}),
    ...(Object.keys(custom).length === 0 ? {} : { customResponseHeaders: custom }),
  };
  return Object.keys(entry).length === 0 ? null : entry;
}

/**
 * `maxResponseBodySize`, which newer releases like to see, is an unknown key to Traefik before 3.6.9, and one unknown
 * key stops every file from being read.
 */
function forwardAuth(outpost: string) {
  return {
    address: `${outpost}/outpost.goauthentik.io/auth/traefik`,
    trustForwardHeader: true,
    authResponseHeaders: identityHeaders,
  };
}
