import { isRecord } from '../../json.ts';
import type { Problem } from '../../problems.ts';
import type { Service } from '../../types.ts';
import { readFoundFile } from './found-file.ts';
import type { RouteFile } from './route-file.ts';

/**
 * What Traefik would refuse in a file of ours, before it is sent: one bad file stops every other from being read. Also
 * reads it back, so that what was meant is what is written.
 */
export function checkRoute(service: Pick<Service, 'name' | 'file'>, file: RouteFile): readonly Problem[] {
  const { hostnames, http, fault } = readFoundFile(file.state.path, file.text);
  const faults = [
    ...(fault === null ? [] : [fault]),
    ...(http !== null && canonical(http) !== canonical(file.document)
      ? ['it does not say what was meant']
      : []),
    ...(hostnames.join() === file.state.hostnames.join() ? [] : ['its host name cannot be part of a rule']),
    ...foreignKeys(shape, { http: file.document }, ''),
    ...textFaults(file.document),
  ];
  return faults.map((why) => ({
    code: 'definition-invalid',
    message: `The route of ${service.name} cannot be written: ${why}.`,
    where: service.file,
    hint: 'Correct the section “traefik” of the definition.',
  }));
}

/** What we write, and nothing else. `*` is any name; null is a value. */
type Shape = { readonly [key: string]: Shape | null };
const loadBalancer = { servers: null, healthCheck: { path: null, interval: null, timeout: null } };
const shape: Shape = {
  http: {
    routers: {
      '*': {
        rule: null,
        entryPoints: null,
        priority: null,
        middlewares: null,
        service: null,
        tls: { certResolver: null },
      },
    },
    services: { '*': { loadBalancer } },
    middlewares: {
      '*': {
        headers: {
          frameDeny: null,
          stsSeconds: null,
          contentTypeNosniff: null,
          customResponseHeaders: { '*': null },
        },
        forwardAuth: { address: null, trustForwardHeader: null, authResponseHeaders: null },
      },
    },
  },
};

function foreignKeys(known: Shape, value: unknown, path: string): readonly string[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inside]) => {
    const below = known[key] ?? known['*'];
    const name = path === '' ? key : `${path}.${key}`;
    if (below === undefined && known[key] === undefined) return [`Traefik does not know ${name}`];
    return below === null || below === undefined ? [] : foreignKeys(below, inside, name);
  });
}

/** Line breaks and the like have no place in a name, an address or a header. */
function textFaults(value: unknown): readonly string[] {
  if (typeof value === 'string') return hasControls(value) ? [`“${printable(value)}” is not one line`] : [];
  if (Array.isArray(value)) return value.flatMap(textFaults);
  return isRecord(value)
    ? Object.entries(value).flatMap(([key, item]) => [...textFaults(key), ...textFaults(item)])
    : [];
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 60);
}

function canonical(value: unknown): string {
  return JSON.stringify(value);
}
