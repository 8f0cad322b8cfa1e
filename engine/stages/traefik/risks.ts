import type { Risk } from '../../types.ts';
import type { FoundFile } from './found-file.ts';

export function systemMissing(service: string): Risk {
  return {
    code: 'system-missing',
    service,
    message: `${service} asks for a route, but sentinel.yml names no Traefik.`,
    alwaysApprove: false,
  };
}

/** `open`: names the file that is there lets anybody reach. */
export function withoutSignOn(
  service: string,
  found: Pick<FoundFile, 'path'> | null,
  open: readonly string[],
): Risk {
  const then =
    open.length > 0
      ? staysOpen(open)
      : found === null
        ? 'It is not published without one.'
        : 'The route that is there stays as it is.';
  return {
    code: 'system-missing',
    service,
    message: `${service} asks for a route behind a sign-on, but sentinel.yml names no Authentik. ${then}`,
    alwaysApprove: open.length > 0,
  };
}

/** A file in the way, and what it has that we want; null: it is where our own file has to be. */
export interface Clash {
  readonly file: Pick<FoundFile, 'path'>;
  readonly what: string | null;
}

/** `open`: names that file lets anybody reach, although they should be behind a sign-on. */
export function inTheWay(service: string, { file, what }: Clash, open: readonly string[]): Risk {
  const why = what === null ? 'is not marked as written by Sentinel' : what;
  const then = open.length > 0 ? ` ${staysOpen(open)}` : '';
  return {
    code: 'conflict',
    service,
    message: `The file ${file.path} ${why}, so no route is written for ${service}.${then} Remove or rename it to let Sentinel take over.`,
    alwaysApprove: open.length > 0,
  };
}

/** Our own file gets its sign-on all the same, but Traefik may follow the other one. */
export function namedTwice(service: string, { file, what }: Clash): Risk {
  return {
    code: 'conflict',
    service,
    message: `The file ${file.path} ${what ?? 'is in the way'}. The route of ${service} gets its sign-on, but the other file may still let people past it: remove or rename that one.`,
    alwaysApprove: false,
  };
}

function staysOpen(hostnames: readonly string[]): string {
  return `Until then ${hostnames.join(', ')} stays reachable without a sign-on.`;
}

export function signOnLost(service: string, hostnames: readonly string[], byItself: boolean): Risk {
  const whose = byItself ? 'only the service itself asks who comes' : 'anybody who reaches it gets in';
  return {
    code: 'sign-on-removed',
    service,
    message: `${hostnames.join(', ')} is no longer behind a sign-on: ${whose}.`,
    alwaysApprove: true,
  };
}

export function badFile(service: string, { path, fault }: Pick<FoundFile, 'path' | 'fault'>): Risk {
  return {
    code: 'conflict',
    service,
    message: `Traefik refuses every change while ${path} is as it is: ${fault ?? 'it cannot be read'}. Correct or remove that file.`,
    alwaysApprove: false,
  };
}

/** Something of ours on a machine or in a directory that sentinel.yml no longer names. */
export function leftBehind(service: string, path: string, why: string): Risk {
  return {
    code: 'system-left',
    service,
    message: `The route file ${path} of ${service} stays where it is: ${why}`,
    alwaysApprove: false,
  };
}
