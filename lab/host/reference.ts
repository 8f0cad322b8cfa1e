import { DockerError } from './docker-error.ts';

/** An image name taken apart the way Docker does. */
export interface Reference {
  /** `registry.lab:5000` or `docker.io`. */
  readonly registry: string;
  /** `library/redis`, as the registry knows it. */
  readonly path: string;
  /** `registry.lab:5000/web` or `redis`, as Docker shows it. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | undefined;
  /** What Docker prints: repository with tag or digest. */
  readonly familiar: string;
}

/** Takes an image name apart; refuses what Docker refuses. */
export function parseReference(text: string): Reference {
  const [name = '', digest] = text.split('@', 2);
  const { repository, tag } = splitTag(name);
  refuseMalformed(repository, tag, digest);
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  const named = /[.:]/.test(first) || first === 'localhost';
  const registry = named ? first : 'docker.io';
  const rest = named ? repository.slice(slash + 1) : repository;
  const hub = registry === 'docker.io';
  const path = hub && !rest.includes('/') ? `library/${rest}` : rest;
  const shown = hub && named ? rest.replace(/^library\//, '') : repository;
  const familiar = digest === undefined ? `${shown}:${tag}` : `${shown}@${digest}`;
  return { registry, path, repository: shown, tag, digest, familiar };
}

function splitTag(name: string): { readonly repository: string; readonly tag: string } {
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  return tagged
    ? { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repository: name, tag: 'latest' };
}

function refuseMalformed(repository: string, tag: string, digest: string | undefined): void {
  if (/[A-Z]/.test(repository))
    throw new DockerError(400, 'invalid reference format: repository name must be lowercase');
  const wellFormed = /^[a-z0-9]+([._:/-]+[a-z0-9]+)*$/.test(repository) && /^\w[\w.-]{0,127}$/.test(tag);
  if (!wellFormed || (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)))
    throw new DockerError(400, 'invalid reference format');
}
