import { join } from 'node:path';
import type { Ci, CiOptions } from './ci/types.ts';
import { createRepository } from './git/repository.ts';
import { createLine, type GitlabGroup, type GitlabProject, type GitlabVariable } from './state.ts';

export interface NewProject {
  /** `homelab/services`; its groups are made as needed. */
  readonly path: string;
  readonly defaultBranch?: string;
  /** Its first commit, by its owner. */
  readonly files?: Readonly<Record<string, string>>;
}
export interface ProjectParts {
  /** Where the bare repositories are. */
  readonly root: string;
  readonly url: () => string;
  readonly nextId: () => number;
  readonly ci: (options: CiOptions) => Promise<Ci>;
  readonly path: readonly string[];
  readonly concurrency: number;
  readonly groups: GitlabGroup[];
  /** Those there are so far. */
  readonly projects: readonly GitlabProject[];
}

export async function makeProject(
  parts: ProjectParts,
  { path, defaultBranch = 'main' }: NewProject,
): Promise<GitlabProject> {
  const directory = join(parts.root, `${path}.git`);
  const repository = await createRepository(directory, defaultBranch);
  const groups = groupsAbove(parts, path);
  const id = parts.nextId();
  const variables: GitlabVariable[] = [];
  const protectedBranches: GitlabProject['protectedBranches'] = new Map();
  const ci = await parts.ci({
    repository: directory,
    project: { id, path, url: `${parts.url()}/${path}` },
    nextId: parts.nextId,
    // The project's own last: they win over those of its groups.
    variables: () => [...groups.flatMap((group) => group.variables), ...variables],
    path: parts.path,
    concurrency: parts.concurrency,
    defaultBranch,
    includes: (other) => parts.projects.find((each) => each.path === other)?.repository.directory ?? null,
    // Where nobody said anything, the default branch counts as one.
    protectedBranches: () => (protectedBranches.size > 0 ? [...protectedBranches.keys()] : [defaultBranch]),
  });
  return {
    ...{ id, path, repository, ci, defaultBranch, variables },
    ...{ mergeMethod: 'merge', onlyMergeIfPipelineSucceeds: false, approvalsRequired: 0, pipelineDelay: 0 },
    ...{ protectedBranches, hooks: [], mergeRequests: [], known: new Map() },
    ...{ touched: new Map(), alone: createLine() },
  };
}

/** From the outermost on. */
function groupsAbove({ groups, nextId }: ProjectParts, path: string): readonly GitlabGroup[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => {
    const full = names.slice(0, index + 1).join('/');
    const there = groups.find((group) => group.path === full);
    if (there !== undefined) return there;
    const group = { id: nextId(), path: full, variables: [] };
    groups.push(group);
    return group;
  });
}
