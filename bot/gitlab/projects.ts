import type { OpenStore } from '../../data/index.ts';
import { toProblem, type Log } from '../../engine/index.ts';
import type { RepositoryConfig } from '../config-repository.ts';

/** A project as far as a repository is made from it. */
export interface ForgeProject {
  /** `homelab/services` */
  readonly path: string;
  /** Null: the usual one for its path. */
  readonly cloneUrl: string | null;
}

/** What GitLab tells, or, while it cannot be asked, what it told last. Throws only where it never told anything. */
export async function readProjects(
  {
    key,
    store,
    log,
  }: { readonly key: string; readonly store: Pick<OpenStore, 'getMeta' | 'setMeta'>; readonly log: Log },
  ask: () => Promise<readonly ForgeProject[]>,
): Promise<readonly ForgeProject[]> {
  const place = `gitlab ${key}`;
  try {
    const found = (await ask()).map(({ path, cloneUrl }) => ({ path, cloneUrl }));
    store.setMeta(place, JSON.stringify(found));
    return found;
  } catch (error) {
    const last = parseProjects(store.getMeta(place));
    if (last === null) throw error;
    log.warn(
      { key, problem: toProblem(error) },
      'GitLab could not be asked for projects; the last known count',
    );
    return last;
  }
}

/** What a repository is called: as configured, or for a project of a group, by its place in it. */
export function projectName({ name, place }: RepositoryConfig, path: string): string {
  if (place.kind !== 'group') return name;
  const start = `${place.group}/`;
  const inGroup = path.startsWith(start) ? path.slice(start.length) : (path.split('/').at(-1) ?? path);
  const plain = inGroup.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-');
  return name === '' ? plain : `${name}-${plain}`;
}

function parseProjects(text: string | undefined): readonly ForgeProject[] | null {
  if (text === undefined) return null;
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return null;
  return value.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null || !('path' in each) || !('cloneUrl' in each)) return [];
    const { path, cloneUrl } = each;
    return typeof path === 'string' && (typeof cloneUrl === 'string' || cloneUrl === null)
      ? [{ path, cloneUrl }]
      : [];
  });
}
