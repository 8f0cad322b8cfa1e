import { stringify } from 'yaml';
import { sha256 } from '../../digest.ts';
import type { Route, RouteState, Service, SignOn, TraefikSystem } from '../../types.ts';
import { markFor } from './mark.ts';
import { type Guard, type RouteDocument, routeDocument } from './route-document.ts';

/** A route file as it has to be. */
export interface RouteFile {
  readonly text: string;
  readonly document: RouteDocument;
  readonly state: RouteState;
}

/** The file of one service; the same for the same definition. */
export function routeFile(
  service: Pick<Service, 'name' | 'file'> & { readonly route: Route; readonly signOn: SignOn | null },
  system: Pick<TraefikSystem, 'host' | 'directory'>,
  guard: Guard,
): RouteFile {
  const { route } = service;
  const document = routeDocument(service, route, guard);
  // Traefik's reader takes some words for dates and numbers that ours takes for texts; those are put in quotes.
  const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const;
  const yaml = stringify({ http: document }, options);
  const text = escapeBraces(`${markFor(service.name, service.file)}\n${yaml}`);
  return {
    text,
    document,
    state: {
      host: system.host,
      path: pathOf(system, service.name),
      hostnames: [route.hostname],
      backend: guard.kind === 'behind' ? guard.outpost : route.backend,
      signOn:
        guard.kind !== 'open' ||
        (route.signOnMiddleware !== null && route.middlewares.includes(route.signOnMiddleware)),
      content: sha256(text),
    },
  };
}

export function pathOf({ directory }: Pick<TraefikSystem, 'directory'>, service: string): string {
  return `${directory.replace(/\/$/, '')}/${service}.yml`;
}

/** Every file is a template to Traefik first, comments included. */
function escapeBraces(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
