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

export function withoutSignOn(service: string, exists: boolean): Risk {
  const then = exists ? 'The route that is there stays as it is.' : 'It is not published without one.';
  return {
    code: 'system-missing',
    service,
    message: `${service} asks for a route behind a sign-on, but sentinel.yml names no Authentik. ${then}`,
    alwaysApprove: false,
  };
}

/** `what`: what it has that we want; null: it is where our own file has to be. */
export function inTheWay(service: string, { path }: Pick<FoundFile, 'path'>, what: string | null): Risk {
  const why = what === null ? 'is not marked as written by Sentinel' : what;
  return {
    code: 'conflict',
    service,
    message: `The file ${path} ${why}, so no route is written for ${service}. Remove or rename it to let Sentinel take over.`,
    alwaysApprove: false,
  };
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
