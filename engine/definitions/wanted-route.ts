import { sameMiddleware } from '../middleware-names.ts';
import type { Route } from '../types.ts';
import { addressOf, hostnamesOf, type AroundInput } from './around-input.ts';

type RouteSection = NonNullable<AroundInput['file']['traefik']>;

/** The route a definition asks for; null when it asks for none or nobody can connect to it. */
export function routeOf(input: AroundInput): Route | null {
  const { file, defaults } = input;
  const { traefik = {} } = file;
  const hostname = hostnamesOf(input).route;
  const backend = addressOf(input, { scheme: traefik.scheme, port: traefik.port });
  if (hostname === null || backend === null) return null;
  return {
    hostname,
    entryPoints: traefik.entrypoints ?? defaults.entryPoints,
    tls: tlsOf(traefik, defaults.certResolver),
    middlewares: othersThan(file.authentik?.enabled === true ? defaults.authMiddleware : null, traefik),
    headers: headersOf(traefik),
    backend,
    healthCheck: healthCheckOf(traefik),
    signOnMiddleware: defaults.authMiddleware,
  };
}

/** Whoever asks for a login may name its middleware too; it is added once, where it belongs. */
function othersThan(name: string | null, { middlewares = [] }: RouteSection): readonly string[] {
  return middlewares.filter((one) => name === null || !sameMiddleware(one, name));
}

function tlsOf({ tls }: RouteSection, resolver: string | null): Route['tls'] {
  return tls?.enabled === false ? null : { certResolver: tls?.cert_resolver ?? resolver };
}

function headersOf({ headers = {} }: RouteSection): Route['headers'] {
  return {
    frameDeny: headers.frame_deny ?? null,
    stsSeconds: headers.sts_seconds ?? null,
    contentTypeNosniff: headers.content_type_nosniff ?? null,
    custom: headers.custom ?? {},
  };
}

function healthCheckOf({ health_check: check }: RouteSection): Route['healthCheck'] {
  return check === undefined
    ? null
    : { path: check.path, interval: check.interval ?? 30, timeout: check.timeout ?? 5 };
}
