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
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const repository = tagged ? name.slice(0, colon) : name;
  const tag = tagged ? name.slice(colon + 1) : 'latest';
  if (/[A-Z]/.test(repository))
    throw new DockerError(400, 'invalid reference format: repository name must be lowercase');
  const wellFormed = /^[a-z0-9]+([._:/-]+[a-z0-9]+)*$/.test(repository) && /^[\w][\w.-]{0,127}$/.test(tag);
  if (!wellFormed || (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)))
    throw new DockerError(400, 'invalid reference format');
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  const named = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = named ? first : 'docker.io';
  const rest = named ? repository.slice(slash + 1) : repository;
  const path = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  const shown = registry === 'docker.io' && named ? rest.replace(/^library\//, '') : repository;
  const familiar = digest === undefined ? `${shown}:${tag}` : `${shown}@${digest}`;
  return { registry, path, repository: shown, tag, digest, familiar };
}
